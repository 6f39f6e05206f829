import { Exposure } from '../cluster';
import type { Shape } from '../private/shape';
import { Autoscaling } from './autoscaling';
import { Peer } from './peer';
import { Probe } from './probe';
import type { WorkloadOptions } from './workload-options';

/** Kinds of the props that every workload takes. */
export const WORKLOAD_SHAPE: Shape<WorkloadOptions> = {
  name: 'text',
  serviceName: 'text',
  replicas: 'number',
  autoscaling: Autoscaling,
  resources: 'map',
  exposure: Exposure,
  callers: [Peer],
  egress: 'maps',
  env: 'map',
  envVars: 'maps',
  envFrom: 'maps',
  volumes: 'maps',
  volumeMounts: 'maps',
  startupProbe: Probe,
  readinessProbe: Probe,
  livenessProbe: Probe,
  requestTimeout: 'duration',
  nodePool: 'text',
  onePerNode: 'truth',
  nodeSelector: 'map',
  tolerations: 'maps',
  podLabels: 'map',
  podAnnotations: 'map',
  serviceAnnotations: 'map',
  serviceAccountAnnotations: 'map',
  headless: 'truth',
  imagePullSecrets: 'texts',
  imagePullPolicy: 'text',
  runAsUser: 'number',
  runAsGroup: 'number',
  fsGroup: 'number',
  readOnlyRootFilesystem: 'truth',
  priorityClassName: 'text',
  maxSurge: 'text',
  maxUnavailable: 'text',
};

/** What a construct passes on to its workload: the options that every workload takes, without the construct's own props. */
export function workloadOptions(props: WorkloadOptions): WorkloadOptions {
  const names = Object.keys(WORKLOAD_SHAPE) as (keyof WorkloadOptions)[];
  const options: Partial<WorkloadOptions> = Object.fromEntries(names.map((name) => [name, props[name]]));
  return options as WorkloadOptions;
}
