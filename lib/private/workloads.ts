import type { Construct } from 'constructs';

const LISTENERS: ((workload: Construct) => void)[] = [];

/** Has every workload of ours told to a listener, in whatever app it is made. */
export function onWorkload(listener: (workload: Construct) => void): void {
  LISTENERS.push(listener);
}

/** Tells of a workload that is being made. */
export function announceWorkload(workload: Construct): void {
  for (const listener of LISTENERS) listener(workload);
}
