import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../lib/check';

/** A file of a ConfigMap that a flag of a server names. */
export interface ServerFile {
  readonly flag: string;
  readonly path: string;
  readonly text: string;
}

/** A server as its container has it. */
export interface Server {
  /** Its command line, in which references to variables are replaced as Kubernetes does it. */
  readonly args: string[];
  readonly files: ServerFile[];
}

/** The servers of models among finished objects, with the files that they find in ConfigMaps. */
export function serversOf(objects: KubeObject[]): Server[] {
  return objects
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.labels?.['app.kubernetes.io/name'] === 'tensorflow-serving')
    .map(({ metadata, spec }) => {
      const dataOf = (name: string): { [file: string]: string } =>
        objects.find(
          (object) => object.kind === 'ConfigMap' && object.metadata.name === name && object.metadata.namespace === metadata.namespace,
        )?.data ?? {};
      const [{ args, env = [], envFrom = [], volumeMounts = [] }] = spec.template.spec.containers;
      const variables: { [name: string]: string } = Object.assign(
        {},
        ...envFrom.map(({ configMapRef }: any) => configMapRef && dataOf(configMapRef.name)),
        ...env.map(({ name, value }: any) => value !== undefined && { [name]: value }),
      );
      const files = (args as string[]).flatMap((argument) => {
        const [, flag, path] = /^--([a-z_]+_file)=(.*)$/s.exec(argument) ?? [];
        const mount = volumeMounts.find(({ mountPath }: any) => path !== undefined && posix.dirname(path) === mountPath);
        const volume = spec.template.spec.volumes?.find(({ name }: any) => name === mount?.name);
        if (volume?.configMap === undefined) return [];
        return [{ flag, path, text: dataOf(volume.configMap.name)[posix.basename(path)] }];
      });
      return { args: args.map((argument: string) => argument.replace(/\$\(([^)]+)\)/g, (whole, name) => variables[name] ?? whole)), files };
    });
}

/** The servers of the published set-ups. */
export function publishedServers(): Server[] {
  const dist = join(__dirname, '../../dist');
  const charts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  return charts.flatMap((name) => {
    const objects = parseAllDocuments(readFileSync(join(dist, name), 'utf8')).map((document) => document.toJS());
    return serversOf(objects.filter((object) => object !== null));
  });
}
