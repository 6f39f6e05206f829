import { inspect } from 'node:util';
import * as fc from 'fast-check';
import type { KubeObject } from '../../../lib/check';
import { CONSTRUCTS, drawnChart, objectsOf, replay } from '../support/drawn-apps';
import { complaints, known, makeRestrictedNamespace, podsOf, told } from '../support/judged';
import { Scene } from '../support/scene';

const scene = new Scene('random-apps');

const APPS = 200;

/** An app, in the namespace of the story: what it would make there, and the props that it follows from. */
const app = fc.constantFrom(...Object.keys(CONSTRUCTS)).chain((construct) => {
  const { sites, draw } = CONSTRUCTS[construct];
  return sites.chain((at) =>
    fc.record({ chart: drawnChart(at), drawn: draw(at) }).map(({ chart, drawn }) => ({
      construct,
      platform: at.cluster._dialect.platform,
      props: drawn.props,
      objects: objectsOf({ ...chart, namespace: scene.namespace }, (built) => drawn.build(built, 'app')),
    })),
  );
});

scene.story(`${APPS} random apps are admitted without a warning, and their pods where only restricted ones are`, async () => {
  await makeRestrictedNamespace(scene.namespace);
  scene.say(`${APPS} random apps: ${replay}`);
  const apps = fc.sample(app, APPS);
  const owners = new Map<KubeObject, (typeof apps)[number]>();
  for (const one of apps) {
    // no prop makes a pod that needs more, so that those of charts with a laxer namespace are judged as strictly
    for (const object of [...one.objects, ...podsOf(one.objects)]) owners.set(object, one);
  }
  const { objects, unknownKinds } = await known([...owners.keys()]);
  const found = complaints(objects);
  const origin = (object: KubeObject) => {
    const { construct, platform, props } = owners.get(object) as (typeof apps)[number];
    return `${construct} on ${platform} with ${inspect(props, { depth: 6 })}`;
  };
  expect(told(found, origin)).toBe('');
  const pods = objects.filter(({ kind }) => kind === 'Pod').length;
  scene.say(`admitted ${objects.length - pods} objects of ${apps.length} random apps, and ${pods} pods as restricted`);
  if (unknownKinds.length > 0) scene.say(`not shown, since the cluster does not know them: ${unknownKinds.join(', ')}`);
});
