import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../lib/check';
import { listOf } from '../support/judged';
import { run } from '../support/kubectl';
import { currentRun, RUN_LABEL } from '../support/run';

/** After more requests than these in one call kubectl holds itself back. */
const AT_ONCE = 120;
/** What people read before they mend something. */
const ENOUGH = 5;

/** What an app makes, release after release. */
export interface History {
  readonly name: string;
  readonly releases: readonly KubeObject[][];
}

/** What a history is not allowed to end in: a release that is refused, or one that is stored otherwise than on an empty cluster. */
export interface Trouble {
  readonly name: string;
  readonly said: string;
}

/**
 * Applies the releases of all histories one after the other, each over the one before, and returns what went wrong. A release
 * must be stored as on an empty cluster, so that nothing of the one before is left, and leave nothing to change.
 */
export function troubles(histories: History[], flags: string[]): Trouble[] {
  const releases = Array.from({ length: Math.max(...histories.map((history) => history.releases.length)) }, (_, release) =>
    histories.flatMap(({ name, releases: objects }) =>
      changed(objects[release - 1], objects[release]).map((object) => ({ name, release, object: harmless(object) })),
    ),
  );
  // what a server makes of an object does not depend on the manner of applying, of which this one costs the least
  const alone = releases.slice(1).map((parts) => applied(parts, ['--server-side', '--dry-run=server']));
  const found = [...applied(releases[0], flags).refused, ...alone.flatMap(({ refused }) => refused)];
  releases.slice(1).forEach((parts, index) => {
    const answer = applied(parts, flags);
    found.push(...answer.refused, ...remains(parts, alone[index].objects, answer.objects), ...leftToChange(parts, flags));
  });
  return found;
}

/** Objects that differ from those of the release before: the others have nothing to show. */
function changed(before: KubeObject[] = [], now: KubeObject[] = []): KubeObject[] {
  const same = new Set(before.map((object) => JSON.stringify(object)));
  return now.filter((object) => !same.has(JSON.stringify(object)));
}

/** Objects that are stored otherwise than on an empty cluster. */
function remains(parts: Part[], alone: (KubeObject | undefined)[], upgraded: (KubeObject | undefined)[]): Trouble[] {
  return parts.flatMap((part, index) => {
    const [expected, stored] = [alone[index], upgraded[index]].map((object) => object && intent(part.object, object));
    if (expected === undefined || stored === undefined || isDeepStrictEqual(stored, expected)) return [];
    return [trouble(part, `is stored as\n${JSON.stringify(stored)}\nand alone as\n${JSON.stringify(expected)}`)];
  });
}

interface Part {
  readonly name: string;
  readonly release: number;
  readonly object: KubeObject;
}

const trouble = ({ name, release, object }: Part, said: string): Trouble => ({
  name,
  said: `release ${release + 1}: ${object.kind} ${object.metadata.name} ${said}`,
});

/** A paused Deployment makes no pods, of which there would be hundreds; a volume, which outlives its namespace, is marked. */
function harmless(object: KubeObject): KubeObject {
  const { kind, metadata, spec } = object;
  if (kind === 'Deployment') return { ...object, spec: { ...spec, paused: true } };
  if (kind !== 'PersistentVolume') return object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [RUN_LABEL]: currentRun().owner } } };
}

/** Applies objects; those of a call in which one is refused are asked about one by one. */
function applied(parts: Part[], flags: string[]): { objects: (KubeObject | undefined)[]; refused: Trouble[] } {
  const refused: Trouble[] = [];
  const objects = chunks(parts).flatMap((chunk) => {
    const answer = apply(chunk, flags);
    if (answer.code === 0) return itemsOf(answer.stdout);
    return chunk.map((part) => {
      if (refused.length >= ENOUGH) return undefined;
      const { code, stdout, stderr } = apply([part], flags);
      if (code === 0) return itemsOf(stdout)[0];
      refused.push(trouble(part, `is refused: ${stderr}`));
      return undefined;
    });
  });
  return { objects, refused };
}

const apply = (parts: Part[], flags: string[]) =>
  run(['apply', '--validate=strict', ...flags, '--output', 'json', '--filename', '-'], listOf(parts.map(({ object }) => object)));

function itemsOf(output: string): KubeObject[] {
  const answer = JSON.parse(output);
  return answer.kind === 'List' ? answer.items : [answer];
}

function leftToChange(parts: Part[], flags: string[]): Trouble[] {
  return chunks(parts).flatMap((chunk) => {
    if (diff(chunk, flags).code === 0) return [];
    let found = 0;
    return chunk.flatMap((part) => {
      if (found >= ENOUGH) return [];
      const { code, stdout, stderr } = diff([part], flags);
      if (code !== 0) found += 1;
      const lines = stdout.split('\n').filter((line) => /^[-+] /.test(line));
      return code === 0 ? [] : [trouble(part, `is left to change:\n${lines.join('\n')}${stderr}\n${JSON.stringify(part.object)}`)];
    });
  });
}

const diff = (parts: Part[], flags: string[]) => run(['diff', ...flags, '--filename', '-'], listOf(parts.map(({ object }) => object)));

function chunks(parts: Part[]): Part[][] {
  return Array.from({ length: Math.ceil(parts.length / AT_ONCE) }, (_, index) => parts.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}

/** What an app says of an object and the server makes of it, without what the server and its controllers choose freely. */
function intent(wanted: KubeObject, { status: _status, metadata, ...rest }: KubeObject): object {
  const { name, labels, annotations } = metadata;
  const said = Object.entries(annotations ?? {}).filter(([key]) => wanted.metadata.annotations?.[key] !== undefined);
  return { ...rest, spec: chosen(wanted, rest.spec), metadata: { name, labels, annotations: Object.fromEntries(said) } };
}

function chosen(wanted: KubeObject, spec: KubeObject['spec']): object {
  if (wanted.kind === 'Deployment' && wanted.spec.replicas === undefined) return { ...spec, replicas: 'the autoscaler says it' };
  // the claim that took it
  if (wanted.kind === 'PersistentVolume') return { ...spec, claimRef: wanted.spec.claimRef };
  if (wanted.kind !== 'Service') return spec;
  const { clusterIP, clusterIPs: _ips, healthCheckNodePort: _port, ...kept } = spec;
  const ports = kept.ports.map(({ nodePort, ...port }: { nodePort?: number }, index: number) => ({
    ...port,
    nodePort: wanted.spec.ports[index].nodePort ?? nodePort !== undefined,
  }));
  return { ...kept, ports, headless: clusterIP === 'None' };
}
