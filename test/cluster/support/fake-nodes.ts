import type { KubeObject } from '../../../lib/check';
import { condition, eventually, get, kubectl } from './kubectl';
import { MARK, MARK_SELECTOR } from './mark';

/** A node that runs nothing: what pods may request of it, and the labels beside those that every node has. */
export interface FakeNode {
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly labels?: Record<string, string>;
}

/** Adds nodes for kwok to manage, and waits until they are Ready. */
export async function addNodes(nodes: FakeNode[]): Promise<void> {
  const { serverVersion } = JSON.parse(kubectl(['version', '--output', 'json']));
  for (const node of nodes) kubectl(['create', '--filename', '-'], nodeObject(node, serverVersion.gitVersion));
  await eventually(
    'the fake nodes are Ready. Does kwok manage nodes with the annotation kwok.x-k8s.io/node=fake?',
    60,
    () => ownNodes().map((node) => ({ name: node.metadata.name, ready: condition(node, 'Ready')?.status, taints: node.spec.taints })),
    (seen) => seen.length === nodes.length && seen.every(({ ready, taints }) => ready === 'True' && taints === undefined),
  );
}

/** Nodes that these tests made. */
export function ownNodes(): KubeObject[] {
  return get('nodes', '--selector', MARK_SELECTOR);
}

/** Deletes the nodes that these tests made. */
export function deleteNodes(): void {
  kubectl(['delete', 'node', '--selector', MARK_SELECTOR, '--wait', '--timeout', '60s']);
}

/** Throws where pods could go to nodes of others: images are missing there, or it would not be seen whether pods fit. */
export function refuseOtherNodes(): void {
  const own = ownNodes().map(({ metadata }) => metadata.name);
  const others = get('nodes').filter(({ metadata, spec }) => !own.includes(metadata.name) && !keepsPodsOff(spec));
  if (others.length === 0) return;
  const names = others.map(({ metadata }) => metadata.name).join(' ');
  throw new Error(`Pods of these tests could go to nodes that they did not make. First: kubectl cordon ${names}`);
}

/** Whether pods without tolerations stay off a node. */
function keepsPodsOff(spec: { unschedulable?: boolean; taints?: { effect: string }[] }): boolean {
  return spec.unschedulable === true || (spec.taints ?? []).some(({ effect }) => effect !== 'PreferNoSchedule');
}

/** The Node as kwok expects it, which then keeps its heartbeat and runs its pods. */
function nodeObject({ name, cpu, memory, labels }: FakeNode, kubeletVersion: string): KubeObject {
  const resources = { cpu, memory, pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: {
        'kwok.x-k8s.io/node': 'fake',
        'metrics.k8s.io/resource-metrics-path': `/metrics/nodes/${name}/metrics/resource`,
      },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        type: 'kwok',
        ...labels,
        ...MARK,
      },
    },
    status: {
      allocatable: resources,
      capacity: resources,
      nodeInfo: { operatingSystem: 'linux', architecture: 'amd64', kubeletVersion },
    },
  };
}
