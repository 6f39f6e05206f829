import { ContainerImage, Peer, ServerImage, type WorkloadOptions } from '../../../lib';
import { eventually, list } from './api';
import { get, kubectl } from './kubectl';

/** Image of the programs in ../stand-in: the server, a gateway in front of it, and clients. */
const IMAGE = process.env.STAND_IN_IMAGE ?? 'local/stand-in:1';

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

export type Mode = 'new' | 'keepalive' | 'grpc';

/** Clients that send requests for a time. */
export interface Load {
  readonly name: string;
  readonly mode: Mode;
  readonly target: string;
  readonly path?: string;
  readonly seconds: number;
  readonly clients?: number;
  readonly pauseMillis?: number;
  readonly countAfterSeconds?: number;
}

/** What they saw. */
export interface Seen {
  readonly sent: number;
  readonly failed: number;
  readonly failures: Record<string, number>;
  readonly servedBy: Record<string, number>;
}

/** Starts clients as pods of the namespace, and waits until they send. */
export async function startLoad(namespace: string, node: string, loads: Load[]): Promise<void> {
  for (const load of loads) {
    const { name, mode, target, path: route = '/', seconds, clients = 4, pauseMillis = 5, countAfterSeconds = 0 } = load;
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
              `--duration=${seconds}s`,
              `--clients=${clients}`,
              `--pause=${pauseMillis}ms`,
              `--count-after=${countAfterSeconds}s`,
            ],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
  }
  const names = loads.map(({ name }) => name);
  await eventually(
    'the clients send',
    60,
    async () =>
      (await list('pods', { namespace })).filter(({ metadata, status }) => names.includes(metadata.name) && status.phase === 'Running'),
    (running) => running.length === names.length,
  );
}

/** Waits until clients are done, and returns what each saw; a pod of theirs is gone after that. */
export async function endLoad(namespace: string, loads: Load[]): Promise<Record<string, Seen>> {
  const longest = Math.max(...loads.map(({ seconds }) => seconds));
  const names = loads.map(({ name }) => name);
  await eventually(
    'the clients are done',
    longest + 60,
    async () =>
      (await list('pods', { namespace })).filter(({ metadata, status }) => names.includes(metadata.name) && status.phase === 'Succeeded'),
    (done) => done.length === names.length,
  );
  const seen = Object.fromEntries(names.map((name) => [name, JSON.parse(kubectl(['logs', '--namespace', namespace, name])) as Seen]));
  kubectl(['delete', 'pod', '--namespace', namespace, ...names, '--wait=false']);
  return seen;
}
