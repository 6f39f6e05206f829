import * as fc from 'fast-check';
import { CONSTRUCTS, drawnChart, objectsOf, replay } from '../support/drawn-apps';
import { known, makeRestrictedNamespace } from '../support/judged';
import { Scene } from '../support/scene';
import { type History, troubles } from './history';
import { namedHistories } from './named';

/** Pairs of each construct. */
const PAIRS = 6;

/** Upgrades by one manner of applying. */
export function upgradeStories(manner: string, flags: string[]): void {
  const scene = new Scene(`upgrades-${manner}`);

  scene.story(`${manner}: any valid props are applied over any others, and nothing is left of those`, async () => {
    await makeRestrictedNamespace(scene.namespace);
    scene.say(`upgrades, ${manner}: ${replay}`);
    const pairs = Object.keys(CONSTRUCTS).flatMap((construct, index) =>
      fc.sample(pair(construct, scene.namespace), PAIRS).map((build, run) => build(`u${index}-${run}`)),
    );
    expect(told(await shown(pairs), flags)).toBe('');
    const objects = pairs.flatMap(({ releases }) => releases[1]).length;
    scene.say(`upgrades, ${manner}: ${pairs.length} random pairs, ${objects} objects over those of the release before, none refused`);
  });
}

/** Changes by name. */
export function namedUpgradeStories(manner: string, flags: string[]): void {
  const scene = new Scene(`named-upgrades-${manner}`);

  scene.story(`${manner}: changes that tools get wrong are applied over one another, and nothing is left behind`, async () => {
    await makeRestrictedNamespace(scene.namespace);
    const histories = await shown(namedHistories(scene.namespace));
    expect(told(histories, flags)).toBe('');
    const upgrades = histories.reduce((sum, { releases }) => sum + releases.length - 1, 0);
    scene.say(`upgrades, ${manner}: ${histories.length} named histories with ${upgrades} releases over another, none refused`);
  });
}

/** Without objects of kinds that the cluster does not know. */
async function shown(histories: History[]): Promise<History[]> {
  return Promise.all(
    histories.map(async ({ name, releases }) => ({
      name,
      releases: await Promise.all(releases.map(async (objects) => (await known(objects)).objects)),
    })),
  );
}

const told = (histories: History[], flags: string[]) =>
  troubles(histories, flags)
    .slice(0, 5)
    .map(({ name, said }) => `${name}: ${said}`)
    .join('\n');

/**
 * Two releases of a construct on one site, with a name that stays. Who owns the number of pods stays, too: handing that
 * over is a story of its own.
 */
function pair(construct: string, namespace: string): fc.Arbitrary<(name: string) => History> {
  const { sites, draw } = CONSTRUCTS[construct];
  return sites
    .chain((at) => fc.tuple(...[0, 1].map(() => fc.record({ chart: drawnChart(at), drawn: draw(at) }))))
    .filter(([first, second]) => first.drawn.scaled === second.drawn.scaled)
    .map((both) => (name) => ({
      name: `${construct} ${name}`,
      releases: both.map(({ chart, drawn }) =>
        objectsOf({ ...chart, namespace, createNamespace: false }, (built) => drawn.build(built, name, name)),
      ),
    }));
}
