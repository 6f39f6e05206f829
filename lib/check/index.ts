export { Checker, type CheckerProps, check, isError } from './checker';
export { describe, type Finding, type ObjectReference, Severity, title } from './finding';
export { CLUSTER_SCOPED, type KubeObject } from './kube-object';
