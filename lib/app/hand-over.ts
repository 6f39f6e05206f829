import type { ClusterSummary } from './summary';
import { fieldOf, objectsIn, type ReplacedFile } from './written-objects';

/** A fixed number of pods that a file of an earlier synthesis has, and the file that replaces it has not. */
export interface LostReplicas {
  /** File relative to the output folder. */
  readonly file: string;
  readonly namespace?: string;
  readonly deployment: string;
  readonly replicas: number;
}

/**
 * Deployments whose `replicas` was written and is no longer. Who applies the new file over the old one gets one pod, since
 * Kubernetes takes a field that its owner leaves out for the default: no manifest can prevent that, so people must know.
 */
export function lostReplicas(replaced: ReplacedFile[]): LostReplicas[] {
  return replaced.flatMap(({ file, before: old, after: text }) => {
    const now = new Map(deploymentsIn(text).map((deployment) => [keyOf(deployment), deployment]));
    return deploymentsIn(old).flatMap((before) => {
      const after = now.get(keyOf(before));
      const { namespace, name: deployment, replicas = 1 } = before;
      return replicas > 1 && after && after.replicas === undefined ? [{ file, namespace, deployment, replicas }] : [];
    });
  });
}

/** What to do about it before anybody applies. */
export function handOverWarning({ file, namespace, deployment, replicas }: LostReplicas): ClusterSummary['warnings'][number] {
  const kubectl = namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`;
  const owned = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: deployment }, spec: { replicas } });
  return {
    path: file,
    text: `Deployment ${deployment} had ${replicas} replicas in the file that this one replaces, and now none are written: applied over it, it falls to one pod until an autoscaler raises it`,
    wayOut: [
      "To keep the pods where the file is applied already, first run, with 'kubectl apply' (or Argo CD):",
      `       KUBE_EDITOR="sed -i.bak '/^  replicas:/d'" ${kubectl} apply edit-last-applied deployment/${deployment}`,
      "       and with 'kubectl apply --server-side' (or Flux):",
      `       echo '${owned}' | ${kubectl} apply --server-side --field-manager=hand-over --validate=false -f -`,
    ].join('\n'),
  };
}

interface WrittenDeployment {
  readonly namespace?: string;
  readonly name: string;
  readonly replicas?: number;
}

function deploymentsIn(text: string): WrittenDeployment[] {
  return objectsIn(text, 'Deployment').map((object) => {
    const replicas = fieldOf(object, 'replicas');
    return {
      namespace: fieldOf(object, 'namespace'),
      name: fieldOf(object, 'name') as string,
      replicas: replicas === undefined ? undefined : Number(replicas),
    };
  });
}

function keyOf({ namespace, name }: WrittenDeployment): string {
  return `${namespace}/${name}`;
}
