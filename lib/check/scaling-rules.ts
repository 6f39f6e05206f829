import { Severity, title } from './finding';
import { containersOf, reference } from './kube-object';
import { scaleTarget } from './object-set';
import type { Rule } from './rule';

export const SCALING_RULES: Rule[] = [
  {
    id: 'autoscaler-without-target',
    severity: Severity.ERROR,
    why: 'The API server takes an autoscaler that points nowhere, and nothing scales.',
    find: (objects) =>
      objects
        .ofKind('HorizontalPodAutoscaler')
        .filter((hpa) => ['Deployment', 'StatefulSet'].includes(hpa.spec?.scaleTargetRef?.kind) && !objects.targetOf(hpa))
        .map((object) => ({
          object,
          path: 'spec.scaleTargetRef',
          message: `it scales ${scaleTarget(object).kind} ${scaleTarget(object).name}, which is not among these objects`,
          fix: 'Correct the name, or add the workload.',
        })),
  },
  {
    id: 'two-autoscalers',
    severity: Severity.ERROR,
    why: 'Two autoscalers on one target stop each other.',
    find: (objects) =>
      objects.scalers().flatMap(([first, ...others]) =>
        others.map((object) => {
          const { kind, name } = scaleTarget(object);
          return {
            object,
            path: 'spec.scaleTargetRef',
            message: `${title(reference(first))} already scales ${kind} ${name}`,
            fix: 'Keep one of them.',
          };
        }),
      ),
  },
  {
    id: 'replicas-beside-autoscaler',
    severity: Severity.ERROR,
    why: 'Every apply resets the number of pods that the autoscaler chose.',
    find: (objects) =>
      objects.scalers().flatMap(([scaler]) => {
        const object = objects.targetOf(scaler);
        return object?.spec?.replicas === undefined
          ? []
          : [
              {
                object,
                path: 'spec.replicas',
                message: `replicas is ${object.spec.replicas}, but ${title(reference(scaler))} owns it`,
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
        const workload = objects.targetOf(hpa);
        if (!workload) return [];
        const metrics: { resource?: { name?: string; target?: { type?: string } } }[] = hpa.spec?.metrics ?? [];
        const measured = metrics.flatMap(({ resource }) => (resource?.target?.type === 'Utilization' ? [resource.name ?? ''] : []));
        return measured.flatMap((resource) =>
          containersOf(workload)
            .filter(({ container }) => (container.resources?.requests?.[resource] ?? container.resources?.limits?.[resource]) === undefined)
            .map(({ container, path }) => ({
              object: workload,
              path: `${path}.resources.requests.${resource}`,
              message: `${title(reference(hpa))} measures ${resource}, which container ${container.name ?? ''} does not request`,
              fix: `Request ${resource}.`,
            })),
        );
      }),
  },
];
