import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { invalid } from '../private/errors';
import { plainCopy } from '../private/plain-copy';
import { checkShape, type Shape } from '../private/shape';
import { wholeNumber } from '../private/validate';
import { checkMetric } from './metric-shape';

/** Bounds and pace of an autoscaler. */
export interface AutoscalingBounds {
  /**
   * Fewest replicas.
   *
   * @default 1
   */
  readonly minReplicas?: number;

  /** Most replicas. */
  readonly maxReplicas: number;

  /**
   * How long the load must have been lower before replicas go, at most one hour.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleDownStabilization?: Duration;

  /**
   * Pace of scaling as the API has it, for example `{ scaleUp: { stabilizationWindowSeconds: 60 } }`. What it says about
   * scaling down stands beside `scaleDownStabilization`, whose window it must not say again.
   *
   * @default - Kubernetes' own pace: at most twice the pods, or four more, every 15 s
   */
  readonly behavior?: k8s.HorizontalPodAutoscalerBehaviorV2;
}

/** Scaling on CPU. */
export interface CpuAutoscaling extends AutoscalingBounds {
  /**
   * CPU use to keep, in percent of the CPU *request*, averaged over the ready pods.
   *
   * @default 60
   */
  readonly averageUtilization?: number;
}

/** Scaling on metrics of your choice. */
export interface MetricAutoscaling extends AutoscalingBounds {
  /** Metrics as autoscaling/v2 has them; the largest wish of them counts. */
  readonly metrics: k8s.MetricSpecV2[];
}

const BOUNDS: Shape<AutoscalingBounds> = {
  minReplicas: 'number',
  maxReplicas: 'number',
  scaleDownStabilization: 'duration',
  behavior: 'map',
};

/** How a HorizontalPodAutoscaler (autoscaling/v2) owns the number of replicas. */
export class Autoscaling {
  /**
   * Scales on the container's CPU use, which needs metrics-server in the cluster.
   *
   * @throws where the bounds contradict each other or the utilization is not a percentage of 1 to 100.
   */
  public static cpu(options: CpuAutoscaling): Autoscaling {
    checkShape('Autoscaling.cpu', options, { ...BOUNDS, averageUtilization: 'number' }, ['maxReplicas']);
    const averageUtilization = wholeNumber('Autoscaling.cpu', 'averageUtilization', options.averageUtilization ?? 60, 1, 100);
    return new Autoscaling('Autoscaling.cpu', options, averageUtilization, []);
  }

  /**
   * Scales on metrics of your choice, for example a queue length or GPU use.
   *
   * @throws where the bounds contradict each other, no metric is given, or one is not of the shape that its type needs.
   */
  public static metrics(options: MetricAutoscaling): Autoscaling {
    checkShape('Autoscaling.metrics', options, { ...BOUNDS, metrics: 'maps' }, ['maxReplicas', 'metrics']);
    if (!Array.isArray(options.metrics) || options.metrics.length === 0) {
      throw invalid(
        'Autoscaling.metrics',
        'metrics',
        options.metrics,
        'must hold at least one metric',
        'Without one Kubernetes would scale on 80 % CPU; use Autoscaling.cpu() for that.',
      );
    }
    options.metrics.forEach((metric, index) => checkMetric('Autoscaling.metrics', `metrics[${index}]`, metric));
    return new Autoscaling('Autoscaling.metrics', options, undefined, plainCopy(options.metrics));
  }

  /** Fewest replicas. */
  public readonly minReplicas: number;
  /** Most replicas. */
  public readonly maxReplicas: number;
  private readonly scaleDownSeconds: number;
  private readonly behavior: k8s.HorizontalPodAutoscalerBehaviorV2;

  private constructor(
    where: string,
    bounds: AutoscalingBounds,
    /** CPU use to keep in percent of the request, where CPU is the metric. */
    public readonly averageUtilization: number | undefined,
    private readonly metricSpecs: k8s.MetricSpecV2[],
  ) {
    this.minReplicas = wholeNumber(where, 'minReplicas', bounds.minReplicas ?? 1, 1);
    this.maxReplicas = wholeNumber(where, 'maxReplicas', bounds.maxReplicas, 1);
    if (this.minReplicas > this.maxReplicas) {
      throw invalid(
        where,
        'minReplicas',
        this.minReplicas,
        `must not be above 'maxReplicas' (${this.maxReplicas})`,
        'Swap them, or raise the maximum.',
      );
    }
    this.behavior = checkedBehavior(where, bounds);
    this.scaleDownSeconds = wholeNumber(
      where,
      'scaleDownStabilization',
      (bounds.scaleDownStabilization ?? Duration.minutes(5)).toSeconds(),
      0,
      3600,
    );
  }

  /**
   * Whether a metric is a resource of the pods.
   *
   * @internal
   */
  public _measures(resource: string): boolean {
    return this.metricSpecs.some((metric) => metric.resource?.name === resource || metric.containerResource?.name === resource);
  }

  /**
   * @internal
   */
  public _toKube(deployment: string, container: string): k8s.HorizontalPodAutoscalerSpecV2 {
    // the container's own metric: a sidecar that someone injects needs no request of its own then
    const cpu: k8s.MetricSpecV2 = {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container, target: { type: 'Utilization', averageUtilization: this.averageUtilization } },
    };
    return {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas: this.minReplicas,
      maxReplicas: this.maxReplicas,
      metrics: this.averageUtilization === undefined ? this.metricSpecs : [cpu],
      behavior: { ...this.behavior, scaleDown: { stabilizationWindowSeconds: this.scaleDownSeconds, ...this.behavior.scaleDown } },
    };
  }
}

function checkedBehavior(
  where: string,
  { behavior = {}, scaleDownStabilization }: AutoscalingBounds,
): k8s.HorizontalPodAutoscalerBehaviorV2 {
  checkShape<k8s.HorizontalPodAutoscalerBehaviorV2>(where, behavior, { scaleUp: 'map', scaleDown: 'map' }, [], 'behavior');
  const window = behavior.scaleDown?.stabilizationWindowSeconds;
  if (window !== undefined && scaleDownStabilization !== undefined) {
    const rule = "stands beside 'scaleDownStabilization', which says the same";
    throw invalid(where, 'behavior.scaleDown.stabilizationWindowSeconds', window, rule, 'Keep one of them.');
  }
  return plainCopy(behavior);
}
