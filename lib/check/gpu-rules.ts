import { parseQuantity } from '../private/quantity';
import { Severity } from './finding';
import { containersOf, type KubeObject, podOf } from './kube-object';
import { needsSparePlaceUnsaid } from './rollout';
import { perContainer, type Rule } from './rule';

type Amounts = { [resource: string]: number | string };

export const GPU_RULES: Rule[] = [
  {
    id: 'device-amount',
    severity: Severity.ERROR,
    why: 'The API server refuses devices in parts, and devices that are requested without a limit of the same number.',
    find: perContainer(
      ({ resources }) => deviceProblem(resources?.requests ?? {}, resources?.limits ?? {}),
      'resources.limits',
      (message) => ({ message, fix: 'Write a whole number into limits, and leave it out of requests.' }),
    ),
  },
  {
    id: 'gpu-without-toleration',
    severity: Severity.WARNING,
    why: 'Nodes with GPUs are tainted so that other pods keep away; a pod that tolerates no taint may find no node.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const tolerations: { key?: string }[] = podOf(object).tolerations ?? [];
        if (tolerations.some(({ key }) => key === undefined || isGpu(key))) return [];
        return gpuContainers(object).map(({ path, resource }) => ({
          object,
          path: `${path}.resources.limits`,
          message: `it asks for ${resource}, but tolerates no taint of nodes that have it`,
          fix: `Tolerate the key ${resource} with the operator Exists.`,
        }));
      }),
  },
  {
    id: 'gpu-image',
    severity: Severity.WARNING,
    why: 'The CPU image of TensorFlow Serving leaves a GPU idle, and the GPU image does not start without its driver.',
    find: perContainer(
      ({ image = '', resources }, { lasting }) => {
        // a program that runs before the server may be one of the same image that needs no GPU
        if (!lasting) return undefined;
        const tag = /(?:^|\/)tensorflow\/serving:([^@]+)/.exec(image)?.[1];
        if (tag === undefined) return undefined;
        const gpu = Object.keys(resources?.limits ?? {}).some(isGpu);
        if (tag.includes('gpu') === gpu) return undefined;
        return gpu ? `${image} uses no GPU, but the container has one` : `${image} needs a GPU, but the container has none`;
      },
      'image',
      (message) => ({ message, fix: 'Take the image with -gpu where there is a GPU, and the one without it elsewhere.' }),
    ),
  },
  {
    id: 'gpu-rollout',
    severity: Severity.WARNING,
    why: 'A rollout that needs the new pod first waits for ever where every GPU is taken.',
    find: (objects) =>
      objects
        .ofKind('Deployment')
        .filter((object) => gpuContainers(object).length > 0 && needsSparePlaceUnsaid(object, objects.podCount(object).most))
        .map((object) => ({
          object,
          path: 'spec.strategy',
          message: 'a rollout waits for a GPU that no pod has, since no old pod may go first',
          fix: 'Write maxSurge: 0 and maxUnavailable: 1.',
        })),
  },
];

function isGpu(resource: string): boolean {
  return /^(nvidia|amd)\.com\/gpu|^nvidia\.com\/mig-|^gpu\.intel\.com\//.test(resource);
}

function gpuContainers(workload: KubeObject): { path: string; resource: string }[] {
  return containersOf(workload).flatMap(({ container, path }) => {
    const resource = Object.keys(container.resources?.limits ?? {}).find(isGpu);
    return resource === undefined ? [] : [{ path, resource }];
  });
}

/** Devices are counted by names with a domain; those of Kubernetes itself are amounts. */
function isDevice(resource: string): boolean {
  return resource.includes('/') && !/(^|\.)kubernetes\.io\//.test(resource);
}

function deviceProblem(requests: Amounts, limits: Amounts): string | undefined {
  const devices = [...Object.keys(requests), ...Object.keys(limits)].filter(isDevice);
  const problems = devices.map((device) => {
    const [request, limit] = [requests[device], limits[device]];
    if (limit === undefined) return `${device} is requested (${request}) without a limit`;
    const amount = parseQuantity(String(limit));
    if (amount === undefined || !Number.isInteger(amount)) return `${device} is ${limit}, and devices are whole`;
    return request !== undefined && parseQuantity(String(request)) !== amount
      ? `${device} has the request ${request} and the limit ${limit}, which must be equal`
      : undefined;
  });
  return problems.find((problem) => problem !== undefined);
}
