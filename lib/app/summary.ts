import type { PlacedNotice } from '../private/notices';

/** What synthesis made for one cluster. */
export interface ClusterSummary {
  readonly name: string;
  readonly folder: string;
  readonly files: number;
  readonly objects: number;
  /** Whether files stand in folders of this folder, which kubectl reads only when told to. */
  readonly nested?: boolean;
  readonly warnings: { readonly path: string; readonly text: string; readonly wayOut: string }[];
  readonly notices: PlacedNotice[];
}

/** Services that are shown by name: enough to see how each is reached, without a screen full of them. */
const REACH_SHOWN = 10;
const ACCESS_SHOWN = 10;

/**
 * What people read at the end of a synthesis: what was made, what to mind, what to type next.
 *
 * @param commands false where the files go elsewhere (standard output), so that there is nothing to apply.
 */
export function summaryText(clusters: ClusterSummary[], commands: boolean): string {
  if (clusters.length === 0) return 'Synthesized nothing: no chart has an object\n\n';
  const width = Math.max(0, ...clusters.map(({ name }) => name.length));
  const counts = clusters.map(
    ({ name, files, objects, folder }) =>
      `  ${name.padEnd(width)}  ${count(objects, 'object')} in ${count(files, 'file')}${commands ? `  ${folder}` : ''}`,
  );
  const warnings = clusters.flatMap((cluster) => cluster.warnings).map(({ path, text, wayOut }) => `  ${path}: ${text}\n    -> ${wayOut}`);
  const next = commands ? clusters.map(nextSteps) : [];
  return [section('Synthesized', counts), section(`Warnings (${warnings.length})`, warnings), ...next].join('');
}

function nextSteps({ name, folder, nested, notices }: ClusterSummary): string {
  const commands = (kind: PlacedNotice['kind']) => unique(notices.filter((notice) => notice.kind === kind));
  const reach = commands('reach');
  // one of each name: what stands in many namespaces is reached in the same way
  const shown = firstsBy(reach, ({ detail }) => detail).slice(0, REACH_SHOWN);
  const more = reach.length > shown.length ? [`  # and ${reach.length - shown.length} more likewise`] : [];
  return section(`Next, for ${name}`, [
    ...commands('setup').map(explained),
    ...commands('image').map(({ text }) => `  ${text}`),
    `  kubectl apply ${nested ? '-R ' : ''}-f ${quoted(folder)}`,
    ...some(commands('access')),
    ...shown.map(explained),
    ...more,
  ]);
}

/** Enough of them to see how it is done, and how many more there are. */
function some(notices: PlacedNotice[]): string[] {
  const ofEachKind = firstsBy(notices, ({ text }) => kindOf(text));
  const others = notices.filter((notice) => !ofEachKind.includes(notice)).slice(0, Math.max(0, ACCESS_SHOWN - ofEachKind.length));
  const shown = notices.filter((notice) => ofEachKind.includes(notice) || others.includes(notice));
  const left = notices.length - shown.length;
  return [...shown.map(explained), ...(left > 0 ? [`  # and ${left} more likewise`] : [])];
}

/** What a command does, whatever it does it to: `kubectl create secret`. */
function kindOf(command: string): string {
  return command
    .replace(/ -n \S+/, '')
    .split(' ')
    .slice(0, 3)
    .join(' ');
}

/** A path as a shell takes it. */
function quoted(folder: string): string {
  return /^[A-Za-z0-9_./@%+=:,-]+$/.test(folder) ? folder : `'${folder.replace(/'/g, "'\\''")}'`;
}

function explained({ text, detail }: PlacedNotice): string {
  return `  ${text}   # ${detail}`;
}

function section(heading: string, lines: string[]): string {
  return lines.length === 0 ? '' : `${heading}\n${lines.join('\n')}\n\n`;
}

function unique(notices: PlacedNotice[]): PlacedNotice[] {
  return firstsBy(notices, ({ text }) => text);
}

function firstsBy(notices: PlacedNotice[], key: (notice: PlacedNotice) => string): PlacedNotice[] {
  const seen = new Set<string>();
  return notices.filter((notice) => !seen.has(key(notice)) && seen.add(key(notice)));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
