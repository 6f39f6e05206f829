import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually, list, listIn } from '../support/api';
import { type Answer, get, run, SERVER_SIDE } from '../support/kubectl';
import { clusters, folderOf, keyOf, objectsIn } from '../support/manifests';
import { claimNamespaces, markNamespaces, namespacesOf, releaseNamespaces } from '../support/namespaces';
import { explained } from '../support/trouble';

/** Clusters whose files are applied client-side twice. */
const CLIENT_SIDE = ['gke', 'eks'];

const tally: string[] = [];

/** What a server says of every object that is written, and of what it holds already. */
export function admissionStories(): void {
  afterAll(() => {
    process.stdout.write(tally.map((line) => `${line}\n`).join(''));
  });
  describe.each(clusters())('dist/%s', storiesOf);
}

function storiesOf(cluster: string): void {
  const folder = folderOf(cluster);
  const written = objectsIn(folder);
  const namespaces = namespacesOf(written);
  let applied: Answer;

  beforeAll(async () => {
    await claimNamespaces(namespaces);
    applied = apply(folder);
    await markNamespaces();
  });
  afterAll(releaseNamespaces);

  test('every object is admitted with strict field validation and without a warning', () => {
    const stored = new Set(storedBy(folder).keys());
    const admitted = written.map(keyOf).filter((key) => stored.has(key));
    tally.push(`admitted ${admitted.length} of ${written.length} objects of dist/${cluster}`);
    expectClean(applied);
    expect(admitted).toEqual(written.map(keyOf));
    expect(stored.size).toBe(written.length);
  });

  test('the server would refuse an unknown field', () => {
    const namespace = namespaces[0];
    const misspelt = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'misspelt', namespace }, dta: {} };
    expect(run(['create', '--dry-run=server', '--validate=strict', '--filename', '-'], misspelt).stderr).toContain('unknown field "dta"');
  });

  test('its namespaces enforce restricted, and no pod is refused', () =>
    explained(namespaces, async () => {
      const levels = (await list('namespaces'))
        .filter(({ metadata }) => namespaces.includes(metadata.name))
        .map(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce']);
      expect(levels).toEqual(namespaces.map(() => 'restricted'));
      const { wanted, made } = await podsMade(namespaces);
      expect(made).toBe(wanted);
      expect(await listIn(namespaces, 'pods')).toHaveLength(wanted);
    }));

  test('the server would refuse a pod that is not restricted', async () => {
    const rootPod = ['run', 'root', '--image=root', `--namespace=${namespaces[0]}`, '--dry-run=server'];
    const isRefused = (stderr: string) => stderr.includes('violates PodSecurity "restricted:latest"');
    await eventually('Pod Security refuses a pod without a security context', 30, () => run(rootPod).stderr, isRefused);
  });

  // kubectl itself takes so long over each object that the clusters with differences of their own stand for all
  if (CLIENT_SIDE.includes(cluster)) {
    test('a second apply changes nothing, and leaves nothing to change', async () => {
      await podsMade(namespaces);
      expectNoChange(folder, []);
    });
  }

  test('a server-side apply takes all over, and a second one changes nothing, and leaves nothing to change', async () => {
    await podsMade(namespaces);
    expectClean(apply(folder, ...SERVER_SIDE));
    expectNoChange(folder, SERVER_SIDE);
  });
}

/** Applies a folder as a person or a pipeline would. */
function apply(folder: string, ...flags: string[]): Answer {
  return run(['apply', '--validate=strict', ...flags, '--filename', folder]);
}

/** Expects that kubectl succeeded and that the server had nothing to warn of. */
function expectClean({ code, stderr }: Answer): void {
  const warnings = stderr.split('\n').filter((line) => code !== 0 || line.startsWith('Warning'));
  expect({ code, warnings }).toEqual({ code: 0, warnings: [] });
}

/** Expects that one more apply changes no stored object, and that kubectl sees no difference to the files. */
function expectNoChange(folder: string, flags: string[]): void {
  const before = storedBy(folder);
  expectClean(apply(folder, ...flags));
  const after = storedBy(folder);
  const changed = [...before.keys()].filter((key) => !isDeepStrictEqual(after.get(key), before.get(key)));
  expect(changed.map((key) => after.get(key))).toEqual(changed.map((key) => before.get(key)));
  expect(run(['diff', ...flags, '--filename', folder])).toMatchObject({ stdout: '', code: 0 });
}

/** What the API server holds of a folder's objects, without what it and its controllers write. */
function storedBy(folder: string): Map<string, object> {
  return new Map(get('--filename', folder).map((object) => [keyOf(object), intent(object)]));
}

/** An object without its status and its bookkeeping: the generation stays, because it counts changes of the spec. */
function intent({ status: _status, metadata, ...rest }: KubeObject): object {
  const { name, namespace, labels, annotations, generation } = metadata as KubeObject['metadata'] & { generation?: number };
  return { ...rest, metadata: { name, namespace, labels, annotations, generation } };
}

/** Waits until every Deployment has its pods, and says how many. Throws where a pod is refused. */
async function podsMade(namespaces: string[]): Promise<{ wanted: number; made: number }> {
  const deployments = await listIn(namespaces, 'deployments');
  const wanted = deployments.reduce((sum, deployment) => sum + deployment.spec.replicas, 0);
  const { made, refused } = await eventually(
    `${deployments.length} ReplicaSets make ${wanted} pods`,
    60,
    async () => {
      const sets = await listIn(namespaces, 'replicasets');
      return {
        sets: sets.length,
        made: sets.reduce((sum, set) => sum + (set.status.replicas ?? 0), 0),
        refused: sets.flatMap((set) => condition(set, 'ReplicaFailure')?.message ?? []),
      };
    },
    (seen) => seen.refused.length > 0 || (seen.sets === deployments.length && seen.made === wanted),
  );
  if (refused.length > 0) throw new Error(`Pods were refused:\n${refused.join('\n')}`);
  return { wanted, made };
}
