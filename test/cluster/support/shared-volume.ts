import { eventually, list } from './api';
import { kubectl } from './kubectl';
import { currentRun, RUN_LABEL } from './run';
import { IMAGE } from './stand-in';

/** Name of the claim of a story's volume. */
export const CLAIM = 'models';

/** A volume that many pods of a node read, with its claim in a namespace: what a file share is to the pods of a cluster. */
export async function makeVolume(namespace: string): Promise<void> {
  const spec = { accessModes: ['ReadWriteMany', 'ReadOnlyMany'], storageClassName: '', volumeMode: 'Filesystem' };
  const labels = { [RUN_LABEL]: currentRun().owner };
  const size = { storage: '1Mi' };
  const items = [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: namespace, labels },
      spec: { ...spec, capacity: size, hostPath: hostPath(namespace), claimRef: { namespace, name: CLAIM } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: CLAIM, namespace },
      spec: { ...spec, accessModes: ['ReadOnlyMany'], volumeName: namespace, resources: { requests: size } },
    },
  ];
  kubectl(['create', '--filename', '-'], { apiVersion: 'v1', kind: 'List', items });
}

/** Puts a version of a model on the volume, from a namespace in which pods may be root, as the volume's directory is root's. */
export async function publish(from: string, node: string, namespace: string, version: number): Promise<void> {
  const name = `publish-${version}`;
  const container = {
    name: 'publish',
    image: IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/publish', '/volume/demo', String(version)],
    volumeMounts: [{ name: 'volume', mountPath: '/volume' }],
  };
  kubectl(['create', '--filename', '-'], {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: from },
    spec: {
      restartPolicy: 'Never',
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [{ operator: 'Exists' }],
      containers: [container],
      volumes: [{ name: 'volume', hostPath: hostPath(namespace) }],
    },
  });
  await eventually(
    `version ${version} is published`,
    60,
    async () => (await list('pods', { namespace: from })).find(({ metadata }) => metadata.name === name)?.status.phase,
    (phase) => phase === 'Succeeded',
  );
}

/** Directory of the node that is a volume. */
export function volumeDirectory(name: string): string {
  return `/var/tmp/${name}`;
}

function hostPath(namespace: string): { path: string; type: string } {
  return { path: volumeDirectory(namespace), type: 'DirectoryOrCreate' };
}
