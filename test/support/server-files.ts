import { posix } from 'node:path';
import type { KubeObject } from '../../lib/check';

/** A file of a ConfigMap that a flag of a server names. */
export interface ServerFile {
  readonly flag: string;
  readonly path: string;
  readonly text: string;
}

/** Command lines of the servers among finished objects, with the files that the servers find in ConfigMaps. */
export function serversOf(objects: KubeObject[]): { args: string[]; files: ServerFile[] }[] {
  const containers = objects
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap(({ metadata, spec }) =>
      spec.template.spec.containers.map((container: any) => ({ ...container, namespace: metadata.namespace, pod: spec.template.spec })),
    )
    .filter(({ command }) => command?.[0]?.startsWith('/') && command.length === 1);
  return containers.map(({ args, namespace, pod, volumeMounts = [] }) => {
    const files = (args as string[]).flatMap((argument) => {
      const [, flag, path] = /^--([a-z_]+_file)=(.*)$/s.exec(argument) ?? [];
      const mount = volumeMounts.find(({ mountPath }: any) => path !== undefined && posix.dirname(path) === mountPath);
      const volume = pod.volumes?.find(({ name }: any) => name === mount?.name);
      if (volume?.configMap === undefined) return [];
      const map = objects.find(
        (object) =>
          object.kind === 'ConfigMap' && object.metadata.name === volume.configMap.name && object.metadata.namespace === namespace,
      );
      return map === undefined ? [] : [{ flag, path, text: map.data[posix.basename(path)] }];
    });
    return { args, files };
  });
}
