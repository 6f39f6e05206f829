import { Severity, title } from './finding';
import { containersOf, type KubeObject, namespaceOf, reference } from './kube-object';
import { isOpenToEverybody, openNetworks } from './load-balancer';
import { openNodePorts } from './node-port';
import type { ObjectSet } from './object-set';
import type { Rule, Violation } from './rule';

export const NETWORK_RULES: Rule[] = [
  {
    id: 'service-without-pods',
    severity: Severity.ERROR,
    why: 'A Service whose selector finds no pods refuses every connection.',
    find: (objects) =>
      objects
        .ofKind('Service')
        .filter((service) => hasSelector(service) && objects.selected(namespaceOf(service), service.spec.selector).length === 0)
        .map((object) => ({
          object,
          path: 'spec.selector',
          message: `the selector ${JSON.stringify(object.spec.selector)} finds no workload among these objects`,
          fix: 'Use the labels of the pod template.',
        })),
  },
  {
    id: 'target-port-unknown',
    severity: Severity.ERROR,
    why: 'Connections to a port on which nothing listens are refused.',
    find: (objects) => objects.ofKind('Service').flatMap((service) => unknownTargets(objects, service)),
  },
  {
    id: 'open-load-balancer',
    severity: Severity.WARNING,
    why: 'Model servers authenticate nobody, and a load balancer without narrow source ranges lets the whole Internet in.',
    find: (objects) =>
      objects
        .ofKind('Service')
        .filter(isOpenToEverybody)
        .map((object) => ({
          object,
          path: 'spec.loadBalancerSourceRanges',
          message: `about anybody on the Internet may call it (${openNetworks(object).join(', ')})`,
          fix: 'Name the networks that may come.',
        })),
  },
  {
    id: 'open-node-port',
    severity: Severity.WARNING,
    why: 'Model servers authenticate nobody, and a node port lets in whoever reaches a node.',
    find: (objects) =>
      openNodePorts(objects).map((object) => ({
        object,
        path: 'spec.type',
        message: `whoever reaches a node may call port ${portsOf(object)}, as no NetworkPolicy among these objects says who may`,
        fix: 'Add a NetworkPolicy for its pods that names who may come, or make it a ClusterIP.',
      })),
  },
  {
    id: 'node-port-taken',
    severity: Severity.ERROR,
    why: 'A node port belongs to one Service; the second one is refused.',
    find: (objects) => {
      const seen = new Map<string, KubeObject>();
      return objects.ofKind('Service').flatMap((object) =>
        (object.spec?.ports ?? []).flatMap((port: { nodePort?: number; protocol?: string }, index: number) => {
          if (port.nodePort === undefined) return [];
          const key = `${port.protocol ?? 'TCP'}|${port.nodePort}`;
          const first = seen.get(key);
          seen.set(key, first ?? object);
          return first === undefined
            ? []
            : [
                {
                  object,
                  path: `spec.ports[${index}].nodePort`,
                  message: `${title(reference(first))} already has node port ${port.nodePort}`,
                  fix: 'Choose another one, or leave it out.',
                },
              ];
        }),
      );
    },
  },
  {
    id: 'route-to-nowhere',
    severity: Severity.ERROR,
    why: 'An Ingress to a Service that does not exist answers 503.',
    find: (objects) =>
      objects.ofKind('Ingress').flatMap((object) =>
        (object.spec?.rules ?? []).flatMap((rule: { http?: { paths?: { backend?: { service?: { name?: string } } }[] } }, r: number) =>
          (rule.http?.paths ?? []).flatMap(({ backend }, p) => {
            const name = backend?.service?.name;
            return name === undefined || objects.find('Service', namespaceOf(object), name)
              ? []
              : [
                  {
                    object,
                    path: `spec.rules[${r}].http.paths[${p}].backend.service.name`,
                    message: `Service ${name} is not among these objects`,
                    fix: 'Correct the name, or add the Service.',
                  },
                ];
          }),
        ),
      ),
  },
  {
    id: 'swapped-serving-ports',
    severity: Severity.WARNING,
    why: 'TensorFlow Serving speaks gRPC on 8500 and REST on 8501 unless told otherwise; swapped names mislead balancers and people.',
    find: (objects) =>
      objects.ofKind('Service').flatMap((object) =>
        (object.spec?.ports ?? []).flatMap(({ name = '', port }: { name?: string; port?: number }, index: number) => {
          const swapped = (port === 8500 && /http|rest/.test(name)) || (port === 8501 && /grpc/.test(name));
          return swapped
            ? [
                {
                  object,
                  path: `spec.ports[${index}].name`,
                  message: `port ${port} is called '${name}'`,
                  fix: '8500 is gRPC, 8501 is REST.',
                },
              ]
            : [];
        }),
      ),
  },
];

function hasSelector(service: KubeObject): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0;
}

function portsOf(service: KubeObject): string {
  return (service.spec?.ports ?? []).map(({ port }: { port?: number }) => port ?? '?').join(', ');
}

function unknownTargets(objects: ObjectSet, service: KubeObject): Violation[] {
  if (!hasSelector(service)) return [];
  const pods = objects.selected(namespaceOf(service), service.spec.selector);
  return (service.spec.ports ?? []).flatMap(({ port, targetPort }: { port?: number; targetPort?: number | string }, index: number) => {
    const wanted = targetPort ?? port;
    if (wanted === undefined) return [];
    const missing = pods.find((workload) => {
      const open: { name?: string; containerPort?: number }[] = containersOf(workload).flatMap(({ container }) => container.ports ?? []);
      return !open.some(({ name, containerPort }) => (typeof wanted === 'string' ? name === wanted : containerPort === wanted));
    });
    if (missing === undefined) return [];
    return [
      {
        object: service,
        path: `spec.ports[${index}].targetPort`,
        message: `${title(reference(missing))} has no container port ${wanted}`,
        fix: 'Use the name or number of a container port.',
      },
    ];
  });
}
