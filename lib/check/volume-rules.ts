import { Severity, title } from './finding';
import { type KubeObject, namespaceOf, POD_PATH, podOf, reference } from './kube-object';
import { type LabelSelector, meets } from './label-selector';
import type { ObjectSet } from './object-set';
import { mostAtOnce } from './rollout';
import type { Rule } from './rule';

export const VOLUME_RULES: Rule[] = [
  {
    id: 'single-node-volume',
    severity: Severity.ERROR,
    why: 'A ReadWriteOnce volume is attached to one node; pods on others wait for ever.',
    find: (objects) =>
      objects.workloads().flatMap((object) =>
        objects.podCount(object).most <= 1
          ? []
          : singleNodeClaims(objects, object)
              .filter(apart(object))
              .map(({ claim, mode, path }) => ({
                object,
                path,
                message: `claim ${claim} is ${mode}, but there may be more than one pod`,
                fix: 'Use ReadOnlyMany or ReadWriteMany, or one replica.',
              })),
      ),
  },
  {
    id: 'single-node-volume-rollout',
    severity: Severity.WARNING,
    why: 'A rollout that starts the new pod first puts it on another node, where it waits for a volume that the old pod keeps.',
    find: (objects) =>
      objects.ofKind('Deployment').flatMap((object) =>
        objects.podCount(object).most > 1 || mostAtOnce(object, 1) <= 1
          ? []
          : singleNodeClaims(objects, object)
              .filter(apart(object))
              .map(({ claim, mode, path }) => ({
                object,
                path,
                message: `claim ${claim} is ${mode}, and a rollout starts a second pod before the first one stops`,
                fix: 'Let the old pod go first: maxSurge 0 and maxUnavailable 1, or the strategy Recreate.',
              })),
      ),
  },
  {
    id: 'single-node-volume-shared',
    severity: Severity.WARNING,
    why: 'A ReadWriteOnce volume is attached to one node; of two workloads that want it, one may wait for ever.',
    find: (objects) => {
      const users = new Map<string, KubeObject>();
      return objects.workloads().flatMap((object) =>
        singleNodeClaims(objects, object).flatMap(({ claim, mode, path }) => {
          const key = `${namespaceOf(object)}|${claim}`;
          const first = users.get(key);
          users.set(key, first ?? object);
          if (first === undefined || first === object) return [];
          return [
            {
              object,
              path,
              message: `claim ${claim} is ${mode}, and ${title(reference(first))} mounts it too`,
              fix: 'Let one write and the other read a ReadOnlyMany claim, or use ReadWriteMany.',
            },
          ];
        }),
      );
    },
  },
];

interface SingleNodeClaim {
  readonly claim: string;
  readonly mode: string;
  readonly path: string;
}

/** Claims among these objects that a workload's pods share and that one node, or one pod, at a time may have. */
function singleNodeClaims(objects: ObjectSet, workload: KubeObject): SingleNodeClaim[] {
  const volumes: { persistentVolumeClaim?: { claimName?: string } }[] = podOf(workload).volumes ?? [];
  return volumes.flatMap(({ persistentVolumeClaim }, index) => {
    const claim = persistentVolumeClaim?.claimName;
    if (claim === undefined) return [];
    const modes: string[] = objects.find('PersistentVolumeClaim', namespaceOf(workload), claim)?.spec?.accessModes ?? [];
    const single = modes.length > 0 && modes.every((mode) => mode.startsWith('ReadWriteOnce'));
    return single
      ? [{ claim, mode: modes.includes('ReadWriteOnce') ? 'ReadWriteOnce' : modes[0], path: `${POD_PATH}.volumes[${index}]` }]
      : [];
  });
}

/** Claims that the workload's pods keep from each other: those for one node are shared by pods that must be on one. */
function apart(workload: KubeObject): (claim: SingleNodeClaim) => boolean {
  const terms: { topologyKey?: string; labelSelector?: LabelSelector }[] =
    podOf(workload).affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const labels: { [key: string]: string } = workload.spec?.template?.metadata?.labels ?? {};
  const together = terms.some(
    ({ topologyKey, labelSelector }) =>
      topologyKey === 'kubernetes.io/hostname' &&
      labelSelector !== undefined &&
      Object.entries(labelSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
      meets(labels, labelSelector.matchExpressions),
  );
  return ({ mode }) => !together || mode !== 'ReadWriteOnce';
}
