import { Severity, title } from './finding';
import { containersOf, namespaceOf, POD_PATH, podOf, reference } from './kube-object';
import type { ObjectSet } from './object-set';
import type { Rule } from './rule';

export const REFERENCE_RULES: Rule[] = [
  {
    id: 'config-map-missing',
    severity: Severity.WARNING,
    why: 'A pod waits for a ConfigMap that does not exist.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const volumes = (podOf(object).volumes ?? []).map(
          (volume: { configMap?: { name?: string; optional?: boolean } }, index: number) => ({
            source: volume.configMap,
            path: `${POD_PATH}.volumes[${index}].configMap.name`,
          }),
        );
        const sources = containersOf(object).flatMap(({ container, path }) =>
          (container.envFrom ?? []).map((source: { configMapRef?: { name?: string; optional?: boolean } }, index: number) => ({
            source: source.configMapRef,
            path: `${path}.envFrom[${index}].configMapRef.name`,
          })),
        );
        return [...volumes, ...sources]
          .filter(
            ({ source }) => source?.name !== undefined && !source.optional && !objects.find('ConfigMap', namespaceOf(object), source.name),
          )
          .map(({ source, path }) => ({
            object,
            path,
            message: `ConfigMap ${source.name} is not among these objects`,
            fix: 'Correct the name, or add the ConfigMap.',
          }));
      }),
  },
  {
    id: 'config-map-sub-path',
    severity: Severity.WARNING,
    why: 'A single file mounted by subPath never sees a change of its ConfigMap.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const fromConfigMap = new Set(
          (podOf(object).volumes ?? [])
            .filter((volume: { configMap?: object }) => volume.configMap)
            .map((volume: { name: string }) => volume.name),
        );
        return containersOf(object).flatMap(({ container, path }) =>
          (container.volumeMounts ?? []).flatMap(({ name, subPath }: { name: string; subPath?: string }, index: number) =>
            subPath !== undefined && fromConfigMap.has(name)
              ? [
                  {
                    object,
                    path: `${path}.volumeMounts[${index}].subPath`,
                    message: `subPath ${subPath} of a ConfigMap`,
                    fix: 'Mount the directory.',
                  },
                ]
              : [],
          ),
        );
      }),
  },
  {
    id: 'service-account-missing',
    severity: Severity.WARNING,
    why: 'The API server refuses pods of a service account that does not exist.',
    find: (objects) =>
      objects
        .workloads()
        .filter((workload) => {
          const name = podOf(workload).serviceAccountName;
          return name !== undefined && name !== 'default' && !objects.find('ServiceAccount', namespaceOf(workload), name);
        })
        .map((object) => ({
          object,
          path: `${POD_PATH}.serviceAccountName`,
          message: `ServiceAccount ${podOf(object).serviceAccountName} is not among these objects`,
          fix: 'Correct the name, or add the service account.',
        })),
  },
  {
    id: 'address-to-nowhere',
    severity: Severity.WARNING,
    why: 'A host name written by hand goes on naming the Service, the namespace or the port that was.',
    find: (objects) =>
      objects.workloads().flatMap((object) =>
        containersOf(object).flatMap(({ container, path }) => {
          const variables: { value?: string }[] = container.env ?? [];
          return variables.flatMap(({ value = '' }, index) => {
            const problem = addressProblem(objects, value);
            return problem === undefined
              ? []
              : [{ object, path: `${path}.env[${index}].value`, message: problem, fix: 'Take the address from the object that it names.' }];
          });
        }),
      ),
  },
];

const ADDRESS = /(?:^|[/,@=\s])([a-z][-a-z0-9]*)\.([a-z0-9][-a-z0-9]*)\.svc(?:\.cluster\.local)?\.?(?::(\d+))?(?![-.\w])/;

/** What is wrong with the address of a Service in a text, where that can be known. */
function addressProblem(objects: ObjectSet, text: string): string | undefined {
  const [, name, namespace, port] = ADDRESS.exec(text) ?? [];
  if (name === undefined) return undefined;
  const service = objects.find('Service', namespace, name);
  if (service === undefined) {
    const elsewhere = objects.ofKind('Service').find(({ metadata }) => metadata.name === name);
    if (elsewhere !== undefined) return `${name}.${namespace} is no Service among these objects, but ${title(reference(elsewhere))} is`;
    return objects.knowsNamespace(namespace) ? `${name}.${namespace} is no Service among these objects` : undefined;
  }
  const ports: { port?: number }[] = service.spec?.ports ?? [];
  if (port === undefined || ports.some((open) => open.port === Number(port))) return undefined;
  return `${title(reference(service))} has no port ${port}`;
}
