import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { absolutePath, printable, wholeNumber } from '../../private/validate';
import { FLAGS } from '../flags/flag-table';
import { checkModelName } from '../model-checks';
import type { ServerRelease } from '../server/server-release';
import { entries, type ProtoMessage, textProto } from './text-proto';

/** Which versions of a model a server has loaded at the same time. Memory is needed for all of them. */
export class VersionPolicy {
  /**
   * The largest versions.
   *
   * @param count how many of them, at least 1.
   * @throws where the count is no such number.
   */
  public static latest(count: number = 1): VersionPolicy {
    return new VersionPolicy({ latest: { num_versions: wholeNumber('VersionPolicy.latest', 'count', count, 1) } });
  }

  /** Every version that there is. */
  public static all(): VersionPolicy {
    return new VersionPolicy({ all: {} });
  }

  /**
   * These versions and no other.
   *
   * @param versions names of their directories: whole numbers from 1.
   * @throws where a version is no such number or stands twice, or there is none.
   */
  public static specific(versions: number[]): VersionPolicy {
    const where = 'VersionPolicy.specific';
    if (!Array.isArray(versions) || versions.length === 0) {
      throw invalid(where, 'versions', versions, 'must name at least one version', 'For example [42].');
    }
    Array.from(versions).forEach((version, index) => {
      versionNumber(where, `versions[${index}]`, version);
      if (versions.indexOf(version) !== index) throw invalid(where, `versions[${index}]`, version, 'stands twice', 'Write it once.');
    });
    return new VersionPolicy({ specific: { versions: [...versions] } }, [...versions]);
  }

  private constructor(
    /** @internal */
    public readonly _message: ProtoMessage,
    /**
     * The versions, where they are named.
     *
     * @internal
     */
    public readonly _versions?: number[],
  ) {}
}

/** A model of a server that serves several. */
export interface ListedModel {
  /** Name by which clients ask for it. */
  readonly name: string;

  /** Directory that holds its versions: an absolute path, or a URI that the server's release reads. */
  readonly basePath: string;

  /**
   * Versions that are served.
   *
   * @default VersionPolicy.latest()
   */
  readonly versions?: VersionPolicy;

  /**
   * Versions by names that clients may ask for instead of their numbers. Needs release 1.15.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: number };
}

const LABEL = /^[a-zA-Z0-9_]+$/;
const LABELS_FLAG = 'allow_version_labels_for_unavailable_models';

/**
 * The server's model_config_file. Labels need the flag allow_version_labels_for_unavailable_models, without which a server
 * that starts with labels exits.
 *
 * @throws where the server would refuse the file, or a label would name a version that is not served.
 */
export function modelListFile(where: string, models: ListedModel[], release: ServerRelease, prop = 'models'): string {
  if (!Array.isArray(models) || models.length === 0) {
    throw invalid(where, prop, models, 'must hold at least one model: the server would start and serve nothing', 'Name a model.');
  }
  const config = Array.from(models).map((model, index) => modelConfig(where, `${prop}[${index}]`, model, release));
  models.forEach(({ name }, index) => {
    if (models.findIndex((other) => other.name === name) === index) return;
    throw invalid(where, `${prop}[${index}].name`, name, 'is the name of two models', 'Give each a name of its own.');
  });
  return textProto({ model_config_list: { config } });
}

/** Labels of which nobody can know whether their versions will be served, since versions come and go by themselves. */
export function uncertainLabels(models: ListedModel[]): string[] {
  return models.filter(({ versions }) => !versions?._versions).flatMap(({ labels = {} }) => Object.keys(labels));
}

function modelConfig(where: string, prop: string, model: ListedModel, release: ServerRelease): ProtoMessage {
  const shape = { name: 'text', basePath: 'text', versions: VersionPolicy, labels: 'map' } as const;
  checkShape(where, model, shape, ['name', 'basePath'], prop);
  return {
    name: checkModelName(where, model.name, `${prop}.name`),
    base_path: checkedPath(where, `${prop}.basePath`, model.basePath),
    model_platform: 'tensorflow',
    model_version_policy: model.versions?._message,
    version_labels: entries(checkedLabels(where, `${prop}.labels`, model, release)),
  };
}

/** The server refuses relative paths. */
function checkedPath(where: string, prop: string, path: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s]/.test(path) ? printable(where, prop, path) : absolutePath(where, prop, path);
}

function checkedLabels(where: string, prop: string, model: ListedModel, release: ServerRelease): { [label: string]: number } | undefined {
  const { labels, versions } = model;
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  const { since } = FLAGS[LABELS_FLAG];
  if (!release.atLeast(since)) {
    throw invalid(
      where,
      prop,
      labels,
      `need TensorFlow Serving ${since}: ${release} exits where it starts with labels`,
      'Use a newer image, or leave them out.',
    );
  }
  for (const [label, version] of Object.entries(labels)) {
    if (!LABEL.test(label)) throw invalid(where, prop, label, 'must consist of letters, digits and _', "For example 'canary'.");
    versionNumber(where, `${prop}.${label}`, version);
    if (versions?._versions?.includes(version) ?? true) continue;
    throw invalid(
      where,
      `${prop}.${label}`,
      version,
      `is none of the versions that are served: ${versions?._versions?.join(', ')}`,
      "Add it to 'versions', or point the label elsewhere.",
    );
  }
  return labels;
}

function versionNumber(where: string, prop: string, version: number): number {
  if (typeof version === 'number' && version > Number.MAX_SAFE_INTEGER) {
    throw invalid(
      where,
      prop,
      version,
      `is above ${Number.MAX_SAFE_INTEGER}, where JavaScript rounds numbers: another version would be served`,
      'Name the directories of versions with smaller numbers, such as seconds instead of nanoseconds.',
    );
  }
  return wholeNumber(where, prop, version, 1, Number.MAX_SAFE_INTEGER);
}
