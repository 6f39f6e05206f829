export { AutoscaledService, type AutoscaledServiceProps } from './autoscaled-service';
export { Autoscaling, type AutoscalingBounds, type CpuAutoscaling, type MetricAutoscaling } from './autoscaling';
export type { ComputeResources, ResourceAmounts } from './compute-resources';
export { HashedConfigMap, type HashedConfigMapProps } from './hashed-config-map';
export { type EgressRule, Peer, type PodsPeer } from './peer';
export type { Placement } from './placement';
export type { PortMapping } from './port-mapping';
export { Probe, type ProbeOptions } from './probe';
export type { ProgramOptions, WorkloadOptions } from './workload-options';
