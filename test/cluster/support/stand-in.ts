import { ContainerImage, Peer, ServerImage, type WorkloadOptions } from '../../../lib';
import { eventually, isReady, list, post, read } from './api';
import { get, kubectl } from './kubectl';

/** Image of the programs in ../stand-in: the server, a gateway in front of it, and clients. */
export const IMAGE = process.env.STAND_IN_IMAGE ?? 'local/stand-in:1';

/** Nodes on which pods really run: not those that kwok only pretends. */
export function realNode(): string | undefined {
  const [node] = get('nodes').filter(
    ({ metadata, spec }) => metadata.annotations?.['kwok.x-k8s.io/node'] === undefined && !spec.unschedulable,
  );
  return node?.metadata.name;
}

export const standInImage = () => ContainerImage.fromRegistry(IMAGE);
export const standInServer = (release = '2.19.1') => ServerImage.custom({ image: standInImage(), release });

/** What every workload of a story has: small, and on the real node, whatever keeps others off it. */
export function onRealNode(node: string): Pick<WorkloadOptions, 'resources' | 'nodeSelector' | 'tolerations' | 'callers'> {
  return {
    resources: { requests: { cpu: '20m', memory: '48Mi' } },
    nodeSelector: { 'kubernetes.io/hostname': node },
    tolerations: [{ operator: 'Exists' }],
    callers: [Peer.pods({ labels: { story: 'load' } })],
  };
}

/** Clients at once, where nothing else is said. */
export const CLIENTS = 4;

export type Mode = 'new' | 'keepalive' | 'grpc';

/** Clients that send requests until they are stopped. */
export interface Load {
  readonly name: string;
  readonly mode: Mode;
  readonly target: string;
  readonly path?: string;
  readonly clients?: number;
  readonly pauseMillis?: number;
}

/** What they saw. */
export interface Seen {
  readonly sent: number;
  readonly failed: number;
  readonly failures: Record<string, number>;
  readonly servedBy: Record<string, number>;
  /** Answers by version of the model. */
  readonly versions: Record<string, number>;
}

/** Starts clients as pods of the namespace, and waits until they send. */
export async function startLoad(namespace: string, node: string, loads: Load[]): Promise<void> {
  for (const load of loads) {
    const { name, mode, target, path: route = '/', clients = CLIENTS, pauseMillis = 50 } = load;
    kubectl(['create', '--filename', '-'], {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { story: 'load' } },
      spec: {
        restartPolicy: 'Never',
        nodeSelector: { 'kubernetes.io/hostname': node },
        tolerations: [{ operator: 'Exists' }],
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'load',
            image: IMAGE,
            imagePullPolicy: 'IfNotPresent',
            command: [
              '/usr/bin/load',
              `--mode=${mode}`,
              `--target=${target}`,
              `--path=${route}`,
              `--clients=${clients}`,
              `--pause=${pauseMillis}ms`,
            ],
            readinessProbe: { httpGet: { path: '/ready', port: 9090 }, periodSeconds: 1 },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
  }
  const names = loads.map(({ name }) => name);
  await eventually(
    'the clients send',
    90,
    async () => (await list('pods', { namespace })).filter((pod) => names.includes(pod.metadata.name) && isReady(pod)),
    (running) => running.length === names.length,
  );
}

/** Lets clients forget what they saw so far. */
export async function forget(namespace: string, { name }: Load): Promise<void> {
  await post(clientOf(namespace, name, 'forget'));
}

/** What clients saw so far. */
export async function seenBy(namespace: string, { name }: Load): Promise<Seen> {
  return (await read(clientOf(namespace, name, 'seen'))) as Seen;
}

/** Stops clients, and returns what each saw; a pod of theirs is gone after that. */
export async function endLoad(namespace: string, loads: Load[]): Promise<Record<string, Seen>> {
  const names = loads.map(({ name }) => name);
  const seen = await Promise.all(names.map(async (name) => [name, await post(clientOf(namespace, name, 'stop'))]));
  kubectl(['delete', 'pod', '--namespace', namespace, ...names, '--wait=false', '--grace-period=0', '--force']);
  return Object.fromEntries(seen);
}

function clientOf(namespace: string, name: string, order: string): string {
  return `api/v1/namespaces/${namespace}/pods/${name}:9090/proxy/${order}`;
}
