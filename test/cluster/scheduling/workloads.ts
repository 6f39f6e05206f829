import { k8s } from 'cdk8s-plus-27';
import {
  type Accelerator,
  AutoscaledService,
  Autoscaling,
  ContainerImage,
  GpuModelPool,
  ModelSource,
  ServerImage,
  type ServingChart,
  TfServingModel,
  type TfServingModelProps,
  type WorkloadOptions,
} from '../../../lib';
import type { KubeObject } from '../../../lib/check';

/** A pod of which one node of `Pool`s below takes two, whose CPUs decide it. */
export const HALF_NODE = { requests: { cpu: '1500m', memory: '256Mi' } };

/** A service of which nothing but its pods matters. */
export const service = (chart: ServingChart, id: string, release: string, props: Partial<WorkloadOptions>): AutoscaledService =>
  new AutoscaledService(chart, id, {
    image: ContainerImage.fromRegistry(`ping:${release}`),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: HALF_NODE,
    ...props,
  });

export const model = (chart: ServingChart, id: string, props: Partial<TfServingModelProps> = {}): TfServingModel =>
  new TfServingModel(chart, id, {
    source: ModelSource.inImage('/models/m'),
    server: ServerImage.official('2.19.1'),
    resources: { requests: { cpu: '1', memory: '1Gi' } },
    ...props,
  });

/** A pool of GPUs as the chart's cluster declares it. */
export const gpuPool = (chart: ServingChart, accelerator: Accelerator, poolName: string, maxNodes: number): GpuModelPool =>
  new GpuModelPool(chart, poolName, { accelerator, poolName, maxNodes });

/** An autoscaler by a metric that nobody measures, so that the number of pods stays as it is set. */
export const unmeasured = (maxReplicas: number): Autoscaling =>
  Autoscaling.metrics({
    maxReplicas,
    metrics: [
      {
        type: 'External',
        external: { metric: { name: 'none' }, target: { type: 'AverageValue', averageValue: k8s.Quantity.fromNumber(1) } },
      },
    ],
  });

/** Ready pods that a rollout of a Deployment may not go below, as it is written: shares are rounded down. */
export function promised({ spec }: KubeObject): number {
  const { maxUnavailable } = spec.strategy.rollingUpdate;
  const missing =
    typeof maxUnavailable === 'number' ? maxUnavailable : Math.floor((Number.parseInt(maxUnavailable, 10) * spec.replicas) / 100);
  return spec.replicas - missing;
}
