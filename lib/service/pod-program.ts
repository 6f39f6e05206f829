import type { k8s } from 'cdk8s-plus-27';
import type { ContainerImage, NodeAmounts } from '../cluster';
import type { ImageAnswer } from '../cluster/dialect';
import type { ResolvedResources } from './compute-resources';

/** First minor whose API servers have sidecars switched on. @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ */
const SIDECAR_MINOR = 29;

/** A program of the pod besides the workload's own, in a container of its own. */
export interface PodProgram {
  /** Name of its container. */
  readonly name: string;
  readonly command: string[];
  /** Whether it runs for as long as the pod does; others run to their end before the workload's container starts. */
  readonly lasting?: boolean;
  /** Its image, where it is not the workload's own. */
  readonly image?: ContainerImage;
  readonly env?: { [name: string]: string };
  /** Mounts besides the scratch directory. */
  readonly volumeMounts?: k8s.VolumeMount[];
  /** Its resources, where they are not equal to the workload's own. */
  readonly resources?: ResolvedResources;
  /** Disk that it leaves filled when it ends, which the workload's container must count as its own then. */
  readonly keptBytes?: number;
  /** Time after which it gives up; a rollout waits for those that run first. */
  readonly budgetSeconds?: number;
}

/** The same with its image as the cluster names it. */
export interface PlacedProgram extends Omit<PodProgram, 'image'> {
  readonly image: ImageAnswer;
}

/** Programs by the list of the pod that they stand in. */
export interface ArrangedPrograms {
  /** Those that run to their end, then the sidecars, which Kubernetes starts in this order. */
  readonly init: PlacedProgram[];
  /** Those that run beside the workload's own where the cluster has no sidecars. */
  readonly beside: PlacedProgram[];
}

export function arranged(programs: PlacedProgram[], kubernetesMinor: number): ArrangedPrograms {
  const first = programs.filter(({ lasting }) => !lasting);
  const lasting = programs.filter((program) => program.lasting);
  return kubernetesMinor >= SIDECAR_MINOR ? { init: [...first, ...lasting], beside: [] } : { init: first, beside: lasting };
}

/** Makes sidecars of the lasting programs among the init containers of a rendered Deployment: no type of the oldest minor has the field. */
// biome-ignore lint/suspicious/noExplicitAny: it adds a field that no type has
export function markSidecars(spec: any, programs: PlacedProgram[]): void {
  const lasting = programs.filter((program) => program.lasting).map(({ name }) => name);
  for (const container of spec.template.spec.initContainers ?? []) {
    if (lasting.includes(container.name)) container.restartPolicy = 'Always';
  }
}

/**
 * What the scheduler sets aside for a pod: the sum of all that runs for as long as the pod does, or what the largest program
 * needs that ends before, whichever is more.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podRequest(own: ResolvedResources, programs: PlacedProgram[]): NodeAmounts {
  const amount = (of: (resources: ResolvedResources) => number) => {
    const requests = (lasting: boolean) =>
      programs.filter((program) => (program.lasting ?? false) === lasting).map(({ resources = own }) => of(resources));
    const together = requests(true).reduce((sum, request) => sum + request, of(own));
    return Math.max(together, ...requests(false));
  };
  return {
    milliCpu: amount(({ requestMilliCpu }) => requestMilliCpu),
    memoryBytes: amount(({ requestMemoryBytes }) => requestMemoryBytes),
  };
}

/** Disk that ended programs have filled. */
export function keptBytes(programs: PlacedProgram[]): number {
  return programs.reduce((sum, program) => sum + (program.keptBytes ?? 0), 0);
}

/** Longest time that the programs take which run to their end first. */
export function budgetSeconds(programs: Pick<PodProgram, 'lasting' | 'budgetSeconds'>[]): number {
  return programs.filter(({ lasting }) => !lasting).reduce((sum, program) => sum + (program.budgetSeconds ?? 0), 0);
}
