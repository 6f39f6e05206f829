import * as fc from 'fast-check';
import { type Cluster, ModelSource, ModelVersions, type ServedModel } from '../../lib';
import type { ServerRelease } from '../../lib/model/server/server-release';
import { type DrawnSource, sources } from './arbitrary-sources';
import { some } from './arbitrary-values';

const modelName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/);
const version = fc.oneof(fc.nat(9), fc.maxSafeNat());
const labelName = fc.stringMatching(/^[A-Za-z0-9_]{1,20}$/).filter((name) => name !== '__proto__');
const counted = (most: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: most }).map((count) => ModelVersions.latest(count)),
    fc.constant(ModelVersions.all()),
  );

type Versions = Pick<ServedModel, 'versions' | 'versionLabels'>;

/** What a server serves: a model or some, whose source is looked at where any version will do. */
export interface DrawnServed extends DrawnSource, Versions {
  readonly otherModels?: ServedModel[];
}

/** Versions by their numbers, with labels for some of them; those of a source that brings certain ones only are among these. */
const named = (brought: number[] | undefined): fc.Arbitrary<Versions> => {
  const numbers = brought === undefined ? fc.uniqueArray(version, { minLength: 1, maxLength: 4 }) : fc.subarray(brought, { minLength: 1 });
  return numbers.chain((versions) =>
    fc.record({
      versions: fc.constant(ModelVersions.specific(...versions)),
      versionLabels: some(fc.dictionary(labelName, fc.constantFrom(...versions), { maxKeys: 3 })),
    }),
  );
};

/** Directories of others, none of which is in that of another. */
const beside = (name: string, place: number): ModelSource =>
  place === 0
    ? ModelSource.inImage(`/others/of-${name}`)
    : ModelSource.persistentVolumeClaim(`others-${place}`, { path: `other-of-${name}` });
const others = fc
  .uniqueArray(
    fc.record({
      modelName,
      place: fc.nat(2),
      versions: named(undefined),
      modelMemory: some(fc.constant('1Mi')),
    }),
    { selector: (other) => other.modelName, maxLength: 3 },
  )
  .map((list) =>
    list.map(({ place, versions, ...other }) => ({
      ...other,
      ...versions,
      modelName: `x-${other.modelName}`,
      source: beside(other.modelName, place),
    })),
  );

const oneOf = (source: fc.Arbitrary<DrawnSource>, versions: (from: DrawnSource) => fc.Arbitrary<Versions>): fc.Arbitrary<DrawnServed> =>
  source.chain((from) =>
    fc
      .record({ versions: versions(from), otherModels: some(others) })
      .map(({ versions: drawn, otherModels }) => ({ ...from, ...drawn, otherModels })),
  );

/** What a server of the cluster can serve. */
export const served = (cluster: Cluster): fc.Arbitrary<DrawnServed> =>
  fc.oneof(
    sources(cluster),
    oneOf(sources(cluster), ({ brings }) => fc.record({ versions: counted(brings?.length ?? 4) })),
    oneOf(
      sources(cluster).filter(({ source }) => !source.followsVersions),
      ({ brings }) => named(brings),
    ),
  );

/** Without what a release cannot have: labels before 1.15. */
export function withoutUnknownLabels(
  { users: _users, brings: _brings, ...drawn }: DrawnServed,
  release: ServerRelease,
): Omit<DrawnServed, 'users' | 'brings'> {
  if (release.atLeast('1.15.0')) return drawn;
  return { ...drawn, versionLabels: undefined, otherModels: drawn.otherModels?.map((other) => ({ ...other, versionLabels: undefined })) };
}

/** Whether the memory of all models follows from what is said of them, where it does for the first one. */
export const isCountable = ({ versions, otherModels = [] }: DrawnServed) =>
  (versions === undefined || versions._count !== undefined) && otherModels.every(({ modelMemory }) => modelMemory !== undefined);

/** Whether the server has a list of models, and so reads no variables. */
export const isListed = ({ versions, otherModels }: DrawnServed) => versions !== undefined || (otherModels?.length ?? 0) > 0;
