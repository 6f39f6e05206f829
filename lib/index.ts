export * from './app';
export { Checker, type CheckerProps, type Finding, type ObjectReference, Severity } from './check';
export * from './cluster';
export * from './gateway';
export * from './gpu';
export * from './model';
export * from './service';
