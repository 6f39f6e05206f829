import { isMovingTag } from '../private/moving-tag';
import { Severity } from './finding';
import { containersOf, type KubeObject, namespaceOf, POD_PATH, podOf } from './kube-object';
import type { ObjectSet } from './object-set';
import { perContainer, type Rule } from './rule';
import { shellOf } from './shell';

export const POD_RULES: Rule[] = [
  {
    id: 'selector-mismatch',
    severity: Severity.ERROR,
    why: 'apps/v1 refuses a workload whose selector does not find its own pods.',
    find: (objects) =>
      objects
        .workloads()
        .filter((workload) => {
          const wanted = Object.entries(workload.spec?.selector?.matchLabels ?? {});
          const labels = workload.spec?.template?.metadata?.labels ?? {};
          const expressions = workload.spec?.selector?.matchExpressions ?? [];
          return (wanted.length === 0 && expressions.length === 0) || wanted.some(([key, value]) => labels[key] !== value);
        })
        .map((object) => ({
          object,
          path: 'spec.selector',
          message: 'the selector does not match the labels of the pod template',
          fix: 'Use the same labels in both.',
        })),
  },
  {
    id: 'unpinned-image',
    severity: Severity.ERROR,
    why: 'A tag that moves starts other bytes tomorrow, does not roll out a new release, and keeps kind and minikube from using a loaded image.',
    find: perContainer(
      ({ image = '' }) => (image.trim() === '' ? 'no image' : isPinned(image) ? undefined : image),
      'image',
      (text) => ({
        message: `the image is not pinned: ${text}`,
        fix: 'Give it a tag that no other build gets (not latest, nightly, stable or the like), or a digest.',
      }),
    ),
  },
  {
    id: 'missing-requests',
    severity: Severity.ERROR,
    why: 'Without requests the scheduler crowds pods on one node, and an autoscaler cannot measure CPU use.',
    find: perContainer(
      ({ resources }) => {
        const missing = ['cpu', 'memory'].filter((name) => (resources?.requests?.[name] ?? resources?.limits?.[name]) === undefined);
        return missing.length > 0 ? missing.join(' and ') : undefined;
      },
      'resources.requests',
      (missing) => ({ message: `no request for ${missing}`, fix: 'Say what the container needs.' }),
    ),
  },
  {
    id: 'no-readiness-probe',
    severity: Severity.WARNING,
    why: 'Without it a pod gets requests before its server can answer them.',
    find: perContainer(
      ({ ports, readinessProbe }) => (ports?.length > 0 && !readinessProbe ? 'it' : undefined),
      'readinessProbe',
      () => ({
        message: 'the container has ports but no readiness probe',
        fix: 'Add one that answers only when the server can.',
      }),
    ),
  },
  {
    id: 'shell-entry-point',
    severity: Severity.WARNING,
    why: 'A shell as process 1 does not pass signals on, so every stop waits for the kill.',
    find: perContainer(
      ({ command, args }, { lasting }) => (lasting ? shellOf([...(command ?? []), ...(args ?? [])]) : undefined),
      'command',
      (shell) => ({
        message: `${shell} -c runs the program`,
        fix: "Write the program and its arguments as a list, or 'exec' the program at the end of the script.",
      }),
    ),
  },
  {
    id: 'pod-security-restricted',
    severity: Severity.ERROR,
    why: 'In a namespace that enforces "restricted" the Deployment is taken, and none of its pods.',
    find: (objects) =>
      objects
        .workloads()
        .filter((workload) => enforcesRestricted(objects, workload))
        .flatMap((object) =>
          restrictedViolations(object).map(({ path, message }) => ({
            object,
            path,
            message,
            fix: 'Correct it, or lower the level that the namespace enforces.',
          })),
        ),
  },
  {
    id: 'runs-as-root',
    severity: Severity.WARNING,
    why: 'A server that is broken into should not be root.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const pod = podOf(object).securityContext;
        return containersOf(object)
          .filter(
            ({ container }) =>
              (container.securityContext?.runAsNonRoot ?? pod?.runAsNonRoot) !== true &&
              !(container.securityContext?.runAsUser ?? pod?.runAsUser),
          )
          .map(({ path }) => ({
            object,
            path: `${path}.securityContext`,
            message: 'the container may run as root',
            fix: 'Set runAsNonRoot and a runAsUser other than 0.',
          }));
      }),
  },
];

function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = /:([^/:@]+)$/.exec(image)?.[1];
  return tag !== undefined && !image.includes('@') && !isMovingTag(tag);
}

function enforcesRestricted(objects: ObjectSet, workload: KubeObject): boolean {
  const namespace = objects.find('Namespace', '', namespaceOf(workload));
  return namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'] === 'restricted';
}

const RESTRICTED_VOLUMES = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'projected',
  'secret',
  'csi',
  'persistentVolumeClaim',
  'ephemeral',
  'image',
];

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function restrictedViolations(workload: KubeObject): { path: string; message: string }[] {
  const spec = podOf(workload);
  const pod = spec.securityContext ?? {};
  const found: { path: string; message: string }[] = [];
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (spec[field]) found.push({ path: `${POD_PATH}.${field}`, message: `${field} is forbidden` });
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
    if (!RESTRICTED_VOLUMES.includes(kind)) found.push({ path: `${POD_PATH}.volumes[${index}]`, message: `a ${kind} volume is forbidden` });
  }
  for (const { container, path } of containersOf(workload)) {
    const own = container.securityContext ?? {};
    const say = (field: string, message: string) => found.push({ path: `${path}.securityContext.${field}`, message });
    if (own.allowPrivilegeEscalation !== false) say('allowPrivilegeEscalation', 'allowPrivilegeEscalation must be false');
    if (own.privileged) say('privileged', 'privileged is forbidden');
    if (!own.capabilities?.drop?.includes('ALL')) say('capabilities', 'capabilities must drop ALL');
    if ((own.capabilities?.add ?? []).some((capability: string) => capability !== 'NET_BIND_SERVICE'))
      say('capabilities', 'only NET_BIND_SERVICE may be added');
    if ((own.runAsNonRoot ?? pod.runAsNonRoot) !== true) say('runAsNonRoot', 'runAsNonRoot must be true');
    if ((own.runAsUser ?? pod.runAsUser) === 0) say('runAsUser', 'runAsUser must not be 0');
    if (!['RuntimeDefault', 'Localhost'].includes((own.seccompProfile ?? pod.seccompProfile)?.type))
      say('seccompProfile', 'seccompProfile must be RuntimeDefault or Localhost');
  }
  return found;
}
