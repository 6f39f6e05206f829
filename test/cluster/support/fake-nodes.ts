import type { NodePool } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually, list, read, write } from './api';
import { kubectl } from './kubectl';
import { currentRun, ownSelector, RUN_LABEL } from './run';

/** Label on the nodes of one story, which no other story deletes. */
export const STORY_LABEL = 'cdk8s-model-serving.test/story';

/** A node that runs nothing: what pods may request of it, and the labels beside those that every node has. */
export interface FakeNode {
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly gpus?: number;
  readonly labels?: Record<string, string>;
  readonly taints?: object[];
}

/**
 * What a node of a pool leaves to our pods, as the library works it out: so that what it says to fit is what the scheduler
 * lets fit. The platform's own pods are taken off, because none run on a fake node.
 */
export function sizeOf({ allocatable, systemPods }: NodePool): Pick<FakeNode, 'cpu' | 'memory'> {
  return { cpu: `${allocatable.milliCpu - systemPods.milliCpu}m`, memory: String(allocatable.memoryBytes - systemPods.memoryBytes) };
}

/** What a node of a declared pool on GKE is. */
export function nodeOfPool(name: string, pool: NodePool, zone: string): FakeNode {
  const { allocatable, taints } = pool;
  return {
    name,
    ...sizeOf(pool),
    gpus: allocatable.gpus,
    labels: { 'topology.kubernetes.io/zone': zone, 'cloud.google.com/gke-nodepool': pool.name },
    taints: [...taints],
  };
}

/** Pulses of the nodes by story. */
const pulses = new Map<string, NodeJS.Timeout[]>();

/**
 * Says that nodes are alive, more often than kwok does: where it keeps no lease, its own word comes later than a node may
 * be silent, and a pod that is called not ready once with its node never becomes ready again.
 */
function keepAlive(story: string, names: string[]): void {
  const beat = () => {
    const now = new Date().toISOString();
    for (const name of names) {
      const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: now };
      // a node that is gone needs no pulse
      write(`api/v1/nodes/${name}/status`, { status: { conditions: [ready] } }).catch(() => undefined);
    }
  };
  pulses.set(story, [...(pulses.get(story) ?? []), setInterval(beat, 15_000).unref()]);
}

/** Adds the nodes of a story for kwok to manage, and waits until they are Ready. */
export async function addNodes(story: string, nodes: FakeNode[]): Promise<void> {
  const { gitVersion } = (await read('version')) as { gitVersion: string };
  // without validation: what a kubelet says of its machine is left out
  kubectl(['create', '--validate=ignore', '--filename', '-'], {
    apiVersion: 'v1',
    kind: 'List',
    items: nodes.map((node) => nodeObject(node, story, gitVersion)),
  });
  const names = nodes.map(({ name }) => name);
  await eventually(
    'the fake nodes are Ready. Does kwok manage nodes with the annotation kwok.x-k8s.io/node=fake?',
    60,
    async () => (await nodesOf(story)).filter(({ metadata }) => names.includes(metadata.name)).map(startUp),
    (seen) => seen.length === nodes.length && seen.every(({ ready, starting }) => ready === 'True' && !starting),
  );
  keepAlive(story, names);
}

function startUp(node: KubeObject): { name: string; ready?: string; starting: boolean } {
  const starting = (node.spec.taints ?? []).some(({ key }: { key: string }) => key.startsWith('node.kubernetes.io/'));
  return { name: node.metadata.name, ready: condition(node, 'Ready')?.status, starting };
}

/** Nodes of a story. */
export function nodesOf(story: string): Promise<KubeObject[]> {
  return list('nodes', { labels: `${ownSelector()},${STORY_LABEL}=${story}` });
}

/** Deletes the nodes of a story. */
export function deleteNodes(story: string): void {
  pulses.get(story)?.forEach(clearInterval);
  pulses.delete(story);
  kubectl(['delete', 'node', '--selector', `${ownSelector()},${STORY_LABEL}=${story}`, '--wait', '--timeout', '60s']);
}

/** Throws where pods could go to nodes of others: images are missing there, or it would not be seen whether pods fit. */
export async function refuseOtherNodes(story: string): Promise<void> {
  const own = (await nodesOf(story)).map(({ metadata }) => metadata.name);
  const others = (await list('nodes')).filter(({ metadata, spec }) => !own.includes(metadata.name) && !keepsPodsOff(spec));
  if (others.length === 0) return;
  const names = others.map(({ metadata }) => metadata.name).join(' ');
  throw new Error(`Pods of these tests could go to nodes that they did not make. First: kubectl cordon ${names}`);
}

/** Whether pods without tolerations stay off a node. */
function keepsPodsOff(spec: { unschedulable?: boolean; taints?: { effect: string }[] }): boolean {
  return spec.unschedulable === true || (spec.taints ?? []).some(({ effect }) => effect !== 'PreferNoSchedule');
}

/** The Node as kwok expects it, which then keeps its heartbeat and runs its pods. */
function nodeObject({ name, cpu, memory, gpus, labels, taints }: FakeNode, story: string, kubeletVersion: string): KubeObject {
  const devices = gpus ? { 'nvidia.com/gpu': String(gpus) } : {};
  const resources = { cpu, memory, pods: '110', 'ephemeral-storage': '100Gi', ...devices };
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
        [RUN_LABEL]: currentRun().owner,
        [STORY_LABEL]: story,
      },
    },
    spec: taints === undefined ? {} : { taints },
    status: {
      allocatable: resources,
      capacity: resources,
      nodeInfo: { operatingSystem: 'linux', architecture: 'amd64', kubeletVersion },
    },
  };
}
