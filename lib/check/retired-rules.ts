import { Severity } from './finding';
import { POD_PATH, podOf } from './kube-object';
import { perContainer, type Rule } from './rule';

/** Registries that no longer serve their images, or get no new ones, with where to look instead. */
const RETIRED_REGISTRIES: { readonly [prefix: string]: string } = {
  'gcr.io/kubeflow/': 'TensorFlow Serving is tensorflow/serving on Docker Hub.',
  'gcr.io/kubeflow-images-public/': 'TensorFlow Serving is tensorflow/serving on Docker Hub.',
  'gcr.io/kubeflow-ci/': 'TensorFlow Serving is tensorflow/serving on Docker Hub.',
  'gcr.io/vishnuk-cloud/': 'TensorFlow Serving is tensorflow/serving on Docker Hub, with -gpu in its tag for GPUs.',
  'gcr.io/google_containers/': 'Images of Kubernetes are in registry.k8s.io.',
  'gcr.io/google-containers/': 'Images of Kubernetes are in registry.k8s.io.',
  'k8s.gcr.io/': 'Images of Kubernetes are in registry.k8s.io.',
};

interface Expression {
  readonly values?: string[];
}

/** What published set-ups name and nobody offers any more. */
export const RETIRED_RULES: Rule[] = [
  {
    id: 'retired-registry',
    severity: Severity.WARNING,
    why: 'A node that does not have the image yet cannot get it from a registry that was given up.',
    find: perContainer(
      ({ image = '' }) => (retiredPrefix(image) === undefined ? undefined : image),
      'image',
      (image) => ({
        message: `${image} is in a registry that was given up`,
        fix: RETIRED_REGISTRIES[retiredPrefix(image) as string],
      }),
    ),
  },
  {
    id: 'retired-accelerator',
    severity: Severity.WARNING,
    why: 'Clouds no longer have the NVIDIA K80, and CUDA 12 does not run on it: the pod finds no node, or its server no GPU.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const pod = podOf(object);
        const selected = Object.entries<string>(pod.nodeSelector ?? {}).map(([label, value]) => ({
          value,
          path: `${POD_PATH}.nodeSelector['${label}']`,
        }));
        const affinity = 'nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution';
        const terms: { matchExpressions?: Expression[] }[] =
          pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
        const wanted = terms.flatMap(({ matchExpressions = [] }, t) =>
          matchExpressions.flatMap(({ values = [] }, e) =>
            // a choice of several leaves others
            values.length === 1
              ? [{ value: values[0], path: `${POD_PATH}.affinity.${affinity}.nodeSelectorTerms[${t}].matchExpressions[${e}].values` }]
              : [],
          ),
        );
        return [...selected, ...wanted]
          .filter(({ value }) => /(^|-)k80$/i.test(value))
          .map(({ value, path }) => ({
            object,
            path,
            message: `it wants nodes with ${value}`,
            fix: 'Name a GPU that there is, such as nvidia-tesla-t4.',
          }));
      }),
  },
];

function retiredPrefix(image: string): string | undefined {
  return Object.keys(RETIRED_REGISTRIES).find((prefix) => image.startsWith(prefix));
}
