import { containersOf, namespaceOf, type Rule, Severity } from './finding';

export const REFERENCE_RULES: Rule[] = [
  {
    id: 'config-map-missing',
    severity: Severity.WARNING,
    why: 'A pod waits for a ConfigMap that does not exist.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const volumes = (object.spec?.template?.spec?.volumes ?? []).map(
          (volume: { configMap?: { name?: string; optional?: boolean } }, index: number) => ({
            source: volume.configMap,
            path: `spec.template.spec.volumes[${index}].configMap.name`,
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
          (object.spec?.template?.spec?.volumes ?? [])
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
          const name = workload.spec?.template?.spec?.serviceAccountName;
          return name !== undefined && name !== 'default' && !objects.find('ServiceAccount', namespaceOf(workload), name);
        })
        .map((object) => ({
          object,
          path: 'spec.template.spec.serviceAccountName',
          message: `ServiceAccount ${object.spec.template.spec.serviceAccountName} is not among these objects`,
          fix: 'Correct the name, or add the service account.',
        })),
  },
];
