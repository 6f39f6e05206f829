export { Cluster } from './cluster';
export { type BuiltImageOptions, ContainerImage } from './container-image';
export { type EksClusterProps, EksNodes } from './eks';
export { Exposure, type ExposureOptions, Reach } from './exposure';
export type { GkeClusterProps } from './gke';
export { type LocalClusterProps, LocalGpus } from './local';
export { type NodeAmounts, NodePool, type NodePoolProps, type NodeShare, type NodeTaint } from './node-pool';
