import type { KubeObject } from '../../../lib/check';
import { eventually, read } from './api';
import { kubectl, run, SERVER_SIDE } from './kubectl';
import { currentRun, RUN_LABEL } from './run';

/** After more requests than these in one call kubectl holds itself back. */
const AT_ONCE = 200;
/** What people read before they mend something. */
const ENOUGH = 5;

/** What a server has against an object: why it refuses it, or what it warns of. */
export interface Complaint {
  readonly object: KubeObject;
  readonly said: string;
}

/** A namespace that refuses pods that are not *restricted*, and warns of workloads whose pods would not be. */
export async function makeRestrictedNamespace(name: string): Promise<void> {
  const levels = Object.fromEntries(['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']));
  const labels = { ...levels, [RUN_LABEL]: currentRun().owner };
  kubectl(['create', '--filename', '-'], { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await eventually(
    'the namespace has its service account, without which it takes no pods',
    30,
    async () => ((await read(`api/v1/namespaces/${name}/serviceaccounts`)) as { items: KubeObject[] }).items,
    (items) => items.some(({ metadata }) => metadata.name === 'default'),
  );
}

/** Asks a server, which stores nothing, what it says of objects: nothing where all are admitted without a warning. */
export function complaints(objects: KubeObject[]): Complaint[] {
  const found: Complaint[] = [];
  for (let start = 0; start < objects.length && found.length < ENOUGH; start += AT_ONCE) {
    narrow(objects.slice(start, start + AT_ONCE), found);
  }
  return found;
}

/** kubectl does not say which object a warning is about: asks about half of them, and half of that. */
function narrow(objects: KubeObject[], found: Complaint[]): void {
  if (found.length >= ENOUGH) return;
  const said = asked(objects);
  if (said === '') return;
  if (objects.length === 1) {
    found.push({ object: objects[0], said });
    return;
  }
  const half = Math.ceil(objects.length / 2);
  narrow(objects.slice(0, half), found);
  narrow(objects.slice(half), found);
}

function asked(objects: KubeObject[]): string {
  const flags = [...SERVER_SIDE, '--dry-run=server', '--validate=strict', '--filename', '-'];
  const { code, stderr } = run(['apply', ...flags], listOf(objects));
  if (code !== 0 && stderr === '') return `exit code ${code}`;
  const lines = stderr.split('\n').filter((line) => line !== '' && !BESIDE_THE_POINT.some((known) => known.test(line)));
  return lines.join('\n');
}

const BESIDE_THE_POINT = [
  // GKE reads the class of an Ingress from the annotation only
  /^Warning: annotation "kubernetes\.io\/ingress\.class" is deprecated/,
  // a node has each port once, and another user of the cluster may have it
  /provided port is already allocated$/,
];

/** Objects as one document for kubectl. */
export function listOf(objects: object[]): object {
  return { apiVersion: 'v1', kind: 'List', items: objects };
}

/** What the complaints say, for a person to read: nothing where there are none. */
export function told(found: Complaint[], origin: (object: KubeObject) => string): string {
  return found.map(({ object, said }) => `${origin(object)}: ${object.kind} ${object.metadata.name}: ${said}`).join('\n');
}

/**
 * The pods of Deployments as objects of their own: Pod Security refuses nothing but pods. What a pod names is there when a
 * pod is made, and not in a story that makes nothing: its service account, priority class and runtime class are left out.
 */
export function podsOf(objects: KubeObject[]): KubeObject[] {
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata: { name, namespace }, spec: { template } }) => {
      const { serviceAccountName: _account, priorityClassName: _priority, runtimeClassName: _runtime, ...spec } = template.spec;
      return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name, namespace }, spec };
    });
}

/** Splits objects into those of kinds that the cluster has, and the kinds that it has not, of which nothing can be shown. */
export async function known(objects: KubeObject[]): Promise<{ objects: KubeObject[]; unknownKinds: string[] }> {
  const kinds = new Set<string>();
  for (const apiVersion of new Set(objects.map((object) => object.apiVersion))) {
    for (const kind of await kindsOf(apiVersion)) kinds.add(`${apiVersion}/${kind}`);
  }
  const isKnown = ({ apiVersion, kind }: KubeObject) => kinds.has(`${apiVersion}/${kind}`);
  const unknown = objects.filter((object) => !isKnown(object)).map(({ apiVersion, kind }) => `${apiVersion}/${kind}`);
  return { objects: objects.filter(isKnown), unknownKinds: [...new Set(unknown)].sort() };
}

/** Groups whose kinds come with CRDs, which a cluster may lack. */
const OF_CRDS = /^(gateway\.networking\.k8s\.io|networking\.gke\.io|cloud\.google\.com)\//;

async function kindsOf(apiVersion: string): Promise<string[]> {
  try {
    const { resources } = (await read(`${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`)) as { resources: { kind: string }[] };
    return resources.map(({ kind }) => kind);
  } catch (error) {
    if (OF_CRDS.test(apiVersion) && String(error).includes(': 404 ')) return [];
    throw error;
  }
}

export const isOfCrd = ({ apiVersion }: KubeObject) => OF_CRDS.test(apiVersion);
