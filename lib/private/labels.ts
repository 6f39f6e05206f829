/** Recommended label keys. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export const NAME_LABEL = 'app.kubernetes.io/name';
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';
export const PART_OF_LABEL = 'app.kubernetes.io/part-of';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'cdk8s-model-serving';

/** Labels by which selectors find a workload's pods: immutable in the cluster, therefore nothing a user may edit. */
export function selectorLabels(name: string, instance: string): { [key: string]: string } {
  return { [NAME_LABEL]: name, [INSTANCE_LABEL]: instance };
}

export const SELECTOR_LABELS: readonly string[] = [NAME_LABEL, INSTANCE_LABEL];
