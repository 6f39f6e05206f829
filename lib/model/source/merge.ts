import type { Medium } from '../../cluster/read-rates';
import { invalid } from '../../private/errors';
import type { PodNeeds, SourceBinding } from './binding';
import { holds } from './paths';

/** A source of one of the models in a pod. */
export interface PodSource {
  /** Prop that names it. */
  readonly prop: string;
  /** Name of the model. */
  readonly model: string;
  readonly binding: SourceBinding;
}

type Merge = { readonly [Field in keyof Required<PodNeeds>]: (where: string, sources: PodSource[]) => PodNeeds[Field] };

/** Media by what a load from them can count on. */
const SLOWEST_FIRST: Medium[] = ['bucket', 'volume', 'node'];

/** How each need of several sources becomes one of their pod. The base path is that of the first model. */
const MERGE: Merge = {
  basePath: (_, [first]) => first.binding.basePath,
  pollSeconds: (_, sources) => Math.max(...sources.map(({ binding }) => binding.pollSeconds)),
  env: (where, sources) => united(where, sources, 'the variable', ({ env }) => env),
  volumes: (where, sources) => {
    const contents = united(where, sources, 'the volume', ({ volumes }) =>
      Object.fromEntries(volumes.map(({ name, ...content }) => [name, content])),
    );
    return Object.entries(contents).map(([name, content]) => ({ name, ...content }));
  },
  volumeMounts: (_, sources) => distinct(sources.flatMap(({ binding }) => binding.volumeMounts)),
  egress: (_, sources) => distinct(sources.flatMap(({ binding }) => binding.egress)),
  serviceAccountAnnotations: (where, sources) =>
    united(where, sources, 'the annotation', ({ serviceAccountAnnotations }) => serviceAccountAnnotations),
  access: (_, sources) => distinct(sources.flatMap(({ binding }) => binding.access)),
  singleNode: (_, sources) => sources.some(({ binding }) => binding.singleNode),
  singlePod: (_, sources) => sources.some(({ binding }) => binding.singlePod),
  medium: (_, sources) => SLOWEST_FIRST.find((medium) => sources.some(({ binding }) => binding.medium === medium)) ?? 'bucket',
  programs: (where, sources) =>
    Object.values(
      united(where, sources, 'the program', ({ programs }) => Object.fromEntries(programs.map((program) => [program.name, program]))),
    ),
  imageVolumes: (_, sources) => distinct(sources.flatMap(({ binding }) => binding.imageVolumes ?? [])),
  imageCommands: (_, sources) => distinct(sources.flatMap(({ binding }) => binding.imageCommands ?? [])),
  podAnnotations: (where, sources) => united(where, sources, 'the annotation', ({ podAnnotations }) => podAnnotations ?? {}),
  injected: (_, sources) => sources.find(({ binding }) => binding.injected)?.binding.injected,
  setup: (_, sources) => distinct(sources.flatMap(({ binding }) => binding.setup ?? [])),
};

/** What all sources of a pod need of it. Throws where one of them needs what another one needs otherwise. */
export function mergedNeeds(where: string, sources: PodSource[]): PodNeeds {
  if (sources.length === 1) return sources[0].binding;
  checkApart(where, sources);
  return Object.fromEntries(Object.entries(MERGE).map(([field, merge]) => [field, merge(where, sources)])) as unknown as PodNeeds;
}

/** Refuses a directory of one model in that of another, where a version of the one may look like a part of the other. */
function checkApart(where: string, sources: PodSource[]): void {
  sources.forEach(({ prop, binding }, index) => {
    const { basePath } = binding;
    const around = sources
      .slice(0, index)
      .find((other) => holds(other.binding.basePath, basePath) || holds(basePath, other.binding.basePath));
    if (around === undefined) return;
    throw invalid(
      where,
      prop,
      basePath,
      `overlaps the directory of model '${around.model}', ${around.binding.basePath}`,
      'Give each model a directory of its own.',
    );
  });
}

/** What the sources bring by name, each name once. */
function united<T>(
  where: string,
  sources: PodSource[],
  kind: string,
  of: (needs: PodNeeds) => { [name: string]: T },
): { [name: string]: T } {
  const found = new Map<string, { value: T; source: PodSource }>();
  for (const source of sources) {
    for (const [name, value] of Object.entries(of(source.binding))) {
      const { value: earlier, source: of } = found.get(name) ?? { value, source };
      if (JSON.stringify(value) !== JSON.stringify(earlier)) {
        throw invalid(
          where,
          source.prop,
          value,
          `needs ${kind} '${name}' to be another one than model '${of.model}' does (${JSON.stringify(earlier)}), and a pod has it once`,
          'Let both need the same one, or make a TfServingModel of each.',
        );
      }
      found.set(name, { value: earlier, source: of });
    }
  }
  return Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
}

function distinct<T>(items: T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
