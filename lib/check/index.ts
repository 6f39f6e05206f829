export { check, isError } from './checker';
export { CLUSTER_SCOPED, type Finding, type KubeObject, title } from './finding';
