import type { IConstruct } from 'constructs';

const SELF_CHECKING = Symbol.for('cdk8s-model-serving.SelfChecking');

/** Says of an app that it judges all objects itself when it synthesizes. */
export function markSelfChecking(app: IConstruct): void {
  Object.defineProperty(app, SELF_CHECKING, { value: true });
}

export function isSelfChecking(app: IConstruct): boolean {
  return SELF_CHECKING in app;
}
