import { INSTANCE_LABEL } from '../private/labels';
import type { ClusterSummary } from './summary';
import { fieldOf, objectsIn, type ReplacedFile } from './written-objects';

/** A Service that a new file leads to a Deployment of which the file before knows nothing. */
export interface HastySwitch {
  /** File relative to the output folder. */
  readonly file: string;
  readonly service: string;
  readonly before: string;
  readonly after: string;
}

/** Services that would lead to pods that nobody has started: they lead there as soon as the file is applied. */
export function hastySwitches(replaced: ReplacedFile[]): HastySwitch[] {
  return replaced.flatMap(({ file, before: old, after: text }) => {
    const led = new Map(objectsIn(old, 'Service').map((object) => [keyOf(object), instanceOf(object)]));
    const there = objectsIn(old, 'Deployment').map(keyOf);
    const made = objectsIn(text, 'Deployment').map(keyOf);
    return objectsIn(text, 'Service').flatMap((object) => {
      const [before, after] = [led.get(keyOf(object)), instanceOf(object)];
      if (before === undefined || after === undefined || before === after) return [];
      const deployment = [fieldOf(object, 'namespace'), after].join();
      if (there.includes(deployment) || !made.includes(deployment)) return [];
      return [{ file, service: fieldOf(object, 'name') as string, before, after }];
    });
  });
}

/** What to do about it before anybody applies. */
export function hastySwitchWarning({ file, service, before, after }: HastySwitch): ClusterSummary['warnings'][number] {
  return {
    path: file,
    text: `Service ${service} led to ${before} in the file that this one replaces, and now leads to ${after}, of which that file has nothing: applied over it, nobody answers until ${after} is ready`,
    wayOut: `First apply ${after} beside ${before}, as an 'idle' one of its ModelSwitch, and switch when it is ready.`,
  };
}

function instanceOf(object: string): string | undefined {
  const label = INSTANCE_LABEL.replace(/\./g, '\\.');
  return new RegExp(`^  selector:\\n(?:    .*\\n)*?    ${label}: "?([^"\\n]+)"?$`, 'm').exec(object)?.[1];
}

function keyOf(object: string): string {
  return [fieldOf(object, 'namespace'), fieldOf(object, 'name')].join();
}
