import { invalid } from '../../private/errors';
import { FLAGS } from '../flags/flag-table';
import type { ServerRelease } from '../server/server-release';
import { type ModelVersions, versionNumber } from './model-versions';

/** Flag without which a server that starts with labels exits. */
export const LABELS_FLAG = 'allow_version_labels_for_unavailable_models';

/**
 * First release whose REST knows labels.
 *
 * @see https://github.com/tensorflow/serving/issues/1555
 */
export const REST_LABELS_SINCE = '2.3.0';

const LABEL = /^[A-Za-z0-9_]{1,63}$/;

/** Labels of versions, in one order whatever order they were written in. Throws where the server would not have what one names. */
export function checkedLabels(
  where: string,
  prop: string,
  labels: { [label: string]: number },
  versions: ModelVersions,
  release: ServerRelease,
): { [label: string]: number } {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return {};
  const { since } = FLAGS[LABELS_FLAG];
  if (!release.atLeast(since)) {
    const rule = `need TensorFlow Serving ${since}: ${release} exits where it starts with labels`;
    throw invalid(where, prop, labels, rule, 'Use a newer image, or leave them out.');
  }
  const served = versions._versions;
  if (served === undefined) {
    throw invalid(
      where,
      prop,
      labels,
      `name versions, of which nobody knows whether they are served with ${versions._text}`,
      `Write versions: ModelVersions.specific(${[...new Set(Object.values(labels))].join(', ')}).`,
    );
  }
  for (const [label, version] of entries) {
    if (!LABEL.test(label))
      throw invalid(where, prop, label, "must consist of at most 63 letters, digits and '_'", "For example 'canary'.");
    versionNumber(where, `${prop}.${label}`, version);
    if (served.includes(version)) continue;
    const rule = `is none of the versions that are served (${served.join(', ')})`;
    throw invalid(where, `${prop}.${label}`, version, rule, "Add it to 'versions', or let the label name another one.");
  }
  return Object.fromEntries(entries);
}
