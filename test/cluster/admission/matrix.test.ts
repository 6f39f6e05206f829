import type { KubeObject } from '../../../lib/check';
import { complaints, isOfCrd, known, makeRestrictedNamespace, podsOf, told } from '../support/judged';
import { Scene } from '../support/scene';
import { CONSTRUCTS } from './construct-cases';
import { objectsOf, SITES, type SiteName } from './matrix';

const scene = new Scene('feature-matrix');

/** Kinds of CRDs that the library writes. */
const CUSTOM_KINDS = [
  'cloud.google.com/v1/BackendConfig',
  'gateway.networking.k8s.io/v1/HTTPRoute',
  'networking.gke.io/v1/GCPBackendPolicy',
  'networking.gke.io/v1/HealthCheckPolicy',
];

scene.story('every prop of every construct, on every platform: admitted without a warning, pods as restricted', async () => {
  await makeRestrictedNamespace(scene.namespace);
  expectFaultsToBeSeen();
  const titles = new Map<KubeObject, string>();
  for (const [construct, subject] of Object.entries(CONSTRUCTS)) {
    let cases = 0;
    let refused = 0;
    for (const site of Object.keys(SITES) as SiteName[]) {
      const made = objectsOf(site, scene.namespace, subject);
      cases += made.cases;
      refused += made.refused.length;
      for (const [object, title] of made.objects) titles.set(object, `${construct} on ${title}`);
    }
    scene.say(
      `${construct}: ${Object.keys(subject.matrix).length} props in ${cases} cases, ${refused} more refused where a platform has no answer`,
    );
  }
  for (const object of [...titles.keys()]) for (const pod of podsOf([object])) titles.set(pod, titles.get(object) as string);
  const { objects, unknownKinds } = await known([...titles.keys()]);
  expect(told(complaints(objects), (object) => titles.get(object) as string)).toBe('');
  const pods = objects.filter(({ kind }) => kind === 'Pod').length;
  scene.say(`admitted ${objects.length - pods} different objects, and ${pods} pods as restricted`);
  const custom = [...titles.keys()].filter(isOfCrd).map(({ apiVersion, kind }) => `${apiVersion}/${kind}`);
  expect([...new Set(custom)].sort()).toEqual(CUSTOM_KINDS);
  const shown = CUSTOM_KINDS.filter((kind) => !unknownKinds.includes(kind));
  scene.say(`against their CRDs: ${shown.join(', ') || 'none'}`);
  if (unknownKinds.length > 0) scene.say(`not shown, since the cluster does not know them: ${unknownKinds.join(', ')}`);
});

/** The server would refuse a pod that is not restricted, warn of a workload that makes one, and refuse a field that nobody knows. */
function expectFaultsToBeSeen(): void {
  const metadata = { name: 'fault', namespace: scene.namespace };
  const spec = { containers: [{ name: 'root', image: 'root' }] };
  const template = { metadata: { labels: { app: 'fault' } }, spec };
  const faults = [
    { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: { app: 'fault' } }, template } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, dta: {} },
  ];
  expect(complaints(faults as KubeObject[]).map(({ said }) => said)).toEqual([
    expect.stringContaining('violates PodSecurity "restricted:latest"'),
    expect.stringContaining('would violate PodSecurity "restricted:latest"'),
    expect.stringContaining('unknown field "dta"'),
  ]);
}
