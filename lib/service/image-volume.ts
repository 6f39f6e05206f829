import { checkVolumes } from './pod-volumes';
import type { WorkloadOptions } from './workload-options';

/** The content of an image, as a container sees it in a directory. */
export interface ImageVolume {
  readonly name: string;
  /** Image reference as the cluster knows it. */
  readonly reference: string;
  readonly pullPolicy: string;
  readonly mountPath: string;
}

/** Throws where another volume of the workload has its name, or another mount its path. */
export function checkImageVolume(where: string, options: WorkloadOptions, { name, mountPath }: ImageVolume): void {
  const { volumes = [], volumeMounts = [] } = options;
  checkVolumes(where, {
    ...options,
    // as a volume that the types have
    volumes: [...volumes, { name, emptyDir: {} }],
    volumeMounts: [...volumeMounts, { name, mountPath }],
  });
}

/** Adds images that are mounted to a rendered Deployment: no type of the oldest minor has their field. */
// biome-ignore lint/suspicious/noExplicitAny: it adds a field that no type has
export function addImageVolumes(spec: any, volumes: ImageVolume[]): void {
  const pod = spec.template.spec;
  for (const { name, reference, pullPolicy, mountPath } of volumes) {
    pod.volumes.push({ name, image: { reference, pullPolicy } });
    pod.containers[0].volumeMounts.push({ name, mountPath, readOnly: true });
  }
}
