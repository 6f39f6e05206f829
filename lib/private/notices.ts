import type { IConstruct } from 'constructs';
import { pathOf } from './names';

const NOTICE = 'cdk8s-model-serving/notice';
const LATE_NOTICES = 'cdk8s-model-serving/late-notices';

/**
 * What synthesis tells people: a warning, what to set up once, an image to bring to the cluster before `kubectl apply`, access to grant once the
 * namespace is there, or how to reach a service.
 */
export interface Notice {
  readonly kind: 'warning' | 'setup' | 'image' | 'access' | 'reach';
  /** The finding, or the command to type. */
  readonly text: string;
  /** What to do about a warning, or what a command is for. */
  readonly detail: string;
}

/** A notice with the construct that raised it. */
export interface PlacedNotice extends Notice {
  readonly path: string;
}

export function addNotice(construct: IConstruct, notice: Notice): void {
  construct.node.addMetadata(NOTICE, notice);
}

export function warn(construct: IConstruct, text: string, wayOut: string): void {
  addNotice(construct, { kind: 'warning', text, detail: wayOut });
}

/** Notices that depend on what else is in the app: they are asked for when the summary is written. */
export function lateNotices(construct: IConstruct, produce: () => Notice[]): void {
  construct.node.addMetadata(LATE_NOTICES, produce);
}

export function noticesOf(constructs: IConstruct[]): PlacedNotice[] {
  return constructs.flatMap((construct) => {
    const path = pathOf(construct);
    return construct.node.metadata
      .flatMap(({ type, data }) => (type === NOTICE ? [data as Notice] : type === LATE_NOTICES ? (data as () => Notice[])() : []))
      .map((notice) => ({ ...notice, path }));
  });
}
