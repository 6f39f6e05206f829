import { App } from 'cdk8s';
import * as fc from 'fast-check';
import {
  AutoscaledService,
  type AutoscaledServiceProps,
  Exposure,
  GpuModelPool,
  ModelGateway,
  type ModelGatewayProps,
  Reach,
  ServingChart,
  type ServingChartProps,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { chartProps, gpuPool, poolOf, type Site, site, siteWithGpus } from '../../support/arbitrary-clusters';
import { gatewayProps, modelProps } from '../../support/arbitrary-models';
import { scaleOnGpus, serviceProps } from '../../support/arbitrary-workloads';
import { TEST_SEED } from '../../support/seed';

type WorkloadProps = AutoscaledServiceProps | TfServingModelProps | Omit<ModelGatewayProps, 'model'>;

/** Props of one construct, and what stands in a chart with them. */
export interface Drawn {
  readonly props: object;
  /** Whether autoscalers own the numbers of its pods. */
  readonly scaled: string;
  /** Builds it, under the drawn names or under those that follow from another one. */
  build(chart: ServingChart, id: string, name?: string): void;
}

/** A construct as the property tests draw it. */
export interface DrawnConstruct {
  readonly sites: fc.Arbitrary<Site>;
  draw(at: Site): fc.Arbitrary<Drawn>;
}

export const CONSTRUCTS: { readonly [construct: string]: DrawnConstruct } = {
  AutoscaledService: {
    sites: site,
    draw: (at) =>
      serviceProps(at).map((props) => ({
        props,
        scaled: scaled(props),
        build: (chart, id, name) => void new AutoscaledService(chart, id, named(props, name)),
      })),
  },
  'TfServingModel on CPUs': {
    sites: site,
    draw: (at) =>
      modelProps(at).map((props) => ({
        props,
        scaled: scaled(props),
        build: (chart, id, name) => void new TfServingModel(chart, id, named(props, name)),
      })),
  },
  'TfServingModel on a GpuModelPool': {
    sites: siteWithGpus,
    draw: (at) =>
      fc.record({ gpu: gpuPool(at), model: modelProps(at, scaleOnGpus, true) }).map(({ gpu, model }) => ({
        props: { pool: gpu.pool, gpus: gpu.gpus, ...model },
        scaled: scaled(model),
        build: (chart, id, name) => {
          const pool = new GpuModelPool(chart, 'gpus', gpu.pool);
          new TfServingModel(chart, id, named({ ...model, gpus: gpu.gpus, pool }, name));
        },
      })),
  },
  'ModelGateway before a TfServingModel': {
    sites: site,
    draw: (at) =>
      fc.record({ model: modelProps(at), props: gatewayProps(at) }).map(({ model, props }) => ({
        props: { model, ...props },
        scaled: scaled(model, props),
        build: (chart, id, name) => {
          const behind = new TfServingModel(chart, `${id}-model`, named({ ...model, ...OF_ONE_ONLY }, name && `${name}-model`));
          new ModelGateway(chart, id, { ...named(props, name), model: behind });
        },
      })),
  },
};

/** Names and doors that two workloads of a namespace cannot share. */
const OF_ONE_ONLY = { name: undefined, serviceName: undefined, exposure: undefined, configMapName: undefined, envConfigMapName: undefined };

const scaled = (...workloads: WorkloadProps[]) => workloads.map(({ autoscaling }) => autoscaling !== undefined).join();

/** Props whose names all follow from one, and which take no port of the nodes, of which a cluster has each only once. */
function named<Props extends WorkloadProps>(props: Props, name: string | undefined): Props {
  if (name === undefined) return props;
  const fixed = { name, serviceName: `${name}-service`, exposure: withoutNodePort(props.exposure) };
  if ('ports' in props) return { ...props, ...fixed, component: 'component' };
  if (!('source' in props)) return { ...props, ...fixed };
  return { ...props, ...fixed, configMapName: undefined, envConfigMapName: props.envConfigMapName && `${name}-environment` };
}

function withoutNodePort(exposure: Exposure | undefined): Exposure | undefined {
  if (exposure?.nodePort === undefined) return exposure;
  const { allowedCidrs } = exposure;
  return exposure.reach === Reach.INTERNAL ? Exposure.internal({ allowedCidrs }) : Exposure.external({ allowedCidrs });
}

/** Draws charts of a site, but for the namespace, which a story makes. */
export const drawnChart = (at: Site): fc.Arbitrary<ServingChartProps> =>
  chartProps.map(({ props, poolChoice }) => ({ cluster: at.cluster, nodePool: poolOf(at, poolChoice), ...props }));

/** Objects of one chart in a story's namespace. */
export function objectsOf(chart: ServingChartProps, build: (chart: ServingChart) => void): KubeObject[] {
  const built = new ServingChart(new App(), 'models', chart);
  build(built);
  return built.toJson();
}

/** How to draw the same again. */
export const replay = `TEST_SEED=${TEST_SEED} draws the same again`;
