import { ContainerImage, Exposure } from '../cluster';
import type { Shape } from '../private/shape';
import { Autoscaling } from './autoscaling';
import { Peer } from './peer';
import { Probe } from './probe';
import type { ProgramOptions, WorkloadOptions } from './workload-options';

/** Kinds of the props that every workload takes. */
export const WORKLOAD_SHAPE: Shape<WorkloadOptions> = {
  name: 'text',
  containerName: 'text',
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
  terminationGracePeriod: 'duration',
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
  minReadySeconds: 'duration',
  maxSurge: 'text',
  maxUnavailable: 'text',
};

/** Kinds of the props that every workload with a program of its own takes. */
export const PROGRAM_SHAPE: Shape<ProgramOptions> = {
  ...WORKLOAD_SHAPE,
  image: ContainerImage,
  command: 'texts',
  args: 'texts',
  preStopSleep: 'duration',
};
