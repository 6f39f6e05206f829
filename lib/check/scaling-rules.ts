import { containersOf, type KubeObject, namespaceOf, type Rule, Severity, title } from './finding';

export const SCALING_RULES: Rule[] = [
  {
    id: 'autoscaler-without-target',
    severity: Severity.ERROR,
    why: 'The API server takes an autoscaler that points nowhere, and nothing scales.',
    find: (objects) =>
      objects
        .ofKind('HorizontalPodAutoscaler')
        .filter((hpa) => {
          const { kind, name } = hpa.spec?.scaleTargetRef ?? {};
          return ['Deployment', 'StatefulSet'].includes(kind) && !objects.find(kind, namespaceOf(hpa), name);
        })
        .map((object) => ({
          object,
          path: 'spec.scaleTargetRef',
          message: `it scales ${object.spec.scaleTargetRef.kind} ${object.spec.scaleTargetRef.name}, which is not among these objects`,
          fix: 'Correct the name, or add the workload.',
        })),
  },
  {
    id: 'two-autoscalers',
    severity: Severity.ERROR,
    why: 'Two autoscalers on one target stop each other.',
    find: (objects) => {
      const seen = new Map<string, KubeObject>();
      return objects.ofKind('HorizontalPodAutoscaler', 'ScaledObject').flatMap((object) => {
        const { kind = 'Deployment', name } = object.spec?.scaleTargetRef ?? {};
        const key = `${namespaceOf(object)}|${kind}|${name}`;
        const first = seen.get(key);
        seen.set(key, first ?? object);
        return first === undefined
          ? []
          : [{ object, path: 'spec.scaleTargetRef', message: `${title(first)} already scales ${kind} ${name}`, fix: 'Keep one of them.' }];
      });
    },
  },
  {
    id: 'replicas-beside-autoscaler',
    severity: Severity.ERROR,
    why: 'Every apply resets the number of pods that the autoscaler chose.',
    find: (objects) =>
      objects.ofKind('HorizontalPodAutoscaler', 'ScaledObject').flatMap((scaler) => {
        const { kind = 'Deployment', name } = scaler.spec?.scaleTargetRef ?? {};
        const object = objects.find(kind, namespaceOf(scaler), name);
        return object?.spec?.replicas === undefined
          ? []
          : [
              {
                object,
                path: 'spec.replicas',
                message: `replicas is ${object.spec.replicas}, but ${title(scaler)} owns it`,
                fix: 'Leave spec.replicas out.',
              },
            ];
      }),
  },
  {
    id: 'utilization-without-request',
    severity: Severity.ERROR,
    why: 'Utilization is a share of the request; without one nothing scales.',
    find: (objects) =>
      objects.ofKind('HorizontalPodAutoscaler').flatMap((hpa) => {
        const { kind, name } = hpa.spec?.scaleTargetRef ?? {};
        const workload = objects.find(kind, namespaceOf(hpa), name);
        const metrics: { resource?: { name: string; target?: { type?: string } } }[] = hpa.spec?.metrics ?? [];
        const measured = metrics
          .filter(({ resource }) => resource?.target?.type === 'Utilization')
          .map(({ resource }) => resource?.name as string);
        if (!workload) return [];
        return measured.flatMap((resource) =>
          containersOf(workload)
            .filter(({ container }) => (container.resources?.requests?.[resource] ?? container.resources?.limits?.[resource]) === undefined)
            .map(({ container, path }) => ({
              object: workload,
              path: `${path}.resources.requests.${resource}`,
              message: `${title(hpa)} measures ${resource}, which container ${container.name} does not request`,
              fix: `Request ${resource}.`,
            })),
        );
      }),
  },
  {
    id: 'budget-blocks-drain',
    severity: Severity.ERROR,
    why: 'A node whose pods may never be evicted cannot be drained or upgraded.',
    find: (objects) =>
      objects.ofKind('PodDisruptionBudget').flatMap((object) => {
        const { maxUnavailable, minAvailable, selector } = object.spec ?? {};
        if ([0, '0', '0%'].includes(maxUnavailable))
          return [{ object, path: 'spec.maxUnavailable', message: `maxUnavailable is ${maxUnavailable}`, fix: 'Write maxUnavailable: 1.' }];
        if (minAvailable === undefined) return [];
        const workload = objects.selected(namespaceOf(object), selector?.matchLabels)[0];
        const hpa = objects
          .ofKind('HorizontalPodAutoscaler')
          .find(
            (candidate) =>
              candidate.spec?.scaleTargetRef?.name === workload?.metadata.name && namespaceOf(candidate) === namespaceOf(object),
          );
        const least = hpa?.spec?.minReplicas ?? workload?.spec?.replicas ?? 1;
        const blocks = minAvailable === '100%' || (typeof minAvailable === 'number' && workload !== undefined && minAvailable >= least);
        return blocks
          ? [
              {
                object,
                path: 'spec.minAvailable',
                message: `minAvailable is ${minAvailable}, and there may be only ${least} pod(s)`,
                fix: 'Write maxUnavailable: 1 instead.',
              },
            ]
          : [];
      }),
  },
  {
    id: 'single-node-volume',
    severity: Severity.ERROR,
    why: 'A ReadWriteOnce volume is attached to one node; pods on others wait for ever.',
    find: (objects) =>
      objects.ofKind('Deployment').flatMap((object) => {
        const claims: { claim: string; index: number }[] = (object.spec?.template?.spec?.volumes ?? [])
          .map((volume: { persistentVolumeClaim?: { claimName: string } }, index: number) => ({
            claim: volume.persistentVolumeClaim?.claimName,
            index,
          }))
          .filter(({ claim }: { claim?: string }) => claim !== undefined);
        const most = objects
          .ofKind('HorizontalPodAutoscaler')
          .find((hpa) => hpa.spec?.scaleTargetRef?.name === object.metadata.name && namespaceOf(hpa) === namespaceOf(object))
          ?.spec?.maxReplicas;
        if ((most ?? object.spec?.replicas ?? 1) <= 1) return [];
        return claims
          .filter(({ claim }) => {
            const modes: string[] = objects.find('PersistentVolumeClaim', namespaceOf(object), claim)?.spec?.accessModes ?? [];
            return modes.length > 0 && modes.every((mode) => mode.startsWith('ReadWriteOnce'));
          })
          .map(({ claim, index }) => ({
            object,
            path: `spec.template.spec.volumes[${index}]`,
            message: `claim ${claim} is ReadWriteOnce, but there may be more than one pod`,
            fix: 'Use ReadOnlyMany or ReadWriteMany, or one replica.',
          }));
      }),
  },
];
