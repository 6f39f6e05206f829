import { isDeepStrictEqual } from 'node:util';
import { App } from 'cdk8s';
import * as fc from 'fast-check';
import { parseDocument } from 'yaml';
import {
  AutoscaledService,
  GpuModelPool,
  ModelGateway,
  ModelSwitch,
  ServingApp,
  ServingChart,
  ServingProtocol,
  TfServingModel,
} from '../../lib';
import { emitYaml } from '../../lib/app/yaml-emitter';
import { check, type KubeObject } from '../../lib/check';
import { isError } from '../../lib/check/checker';
import { chartProps, gpuPool, poolOf, type Site, site, siteWithGpus } from '../support/arbitrary-clusters';
import { gatewayProps, modelProps } from '../support/arbitrary-models';
import { scaleOnGpus, serviceProps } from '../support/arbitrary-workloads';
import { schemaErrors } from '../support/schema';

/** Any accepted input of the whole public surface gives YAML that a server reads, without mistakes, always the same. */

// many runs on a busy machine
jest.setTimeout(60_000);

/** Objects of the Gateway API and of GKE, which no schema of Kubernetes itself knows. */
const CUSTOM_KINDS = ['BackendConfig', 'GCPBackendPolicy', 'HealthCheckPolicy', 'HTTPRoute'];

type ChartChoice = typeof chartProps extends fc.Arbitrary<infer Choice> ? Choice : never;

/**
 * A chart of a site with what is built in it, in a plain app, which judges each chart as it is made; or in one of ours, with
 * the props turned around.
 */
function objectsOf(
  at: Site,
  { props, poolChoice }: ChartChoice,
  build: (chart: ServingChart, ordered: <Props extends object>(given: Props) => Props) => void,
  turned = false,
): KubeObject[] {
  const ordered = <Props extends object>(given: Props) => (turned ? (Object.fromEntries(Object.entries(given).reverse()) as Props) : given);
  const chart = new ServingChart(
    turned ? new ServingApp() : new App(),
    'models',
    ordered({ cluster: at.cluster, nodePool: poolOf(at, poolChoice), ...props }),
  );
  build(chart, ordered);
  return chart.toJson();
}

/** How many pods may be missing at once follows from the room on the nodes. */
function dropPace({ kind, spec }: KubeObject): void {
  if (kind === 'Deployment') delete spec.strategy;
  if (kind === 'PodDisruptionBudget') delete spec.maxUnavailable;
}

const written = (objects: KubeObject[]) => objects.map((object) => emitYaml(object, object.kind));

function judge(at: Site, choice: ChartChoice, build: Parameters<typeof objectsOf>[2]): void {
  const objects = objectsOf(at, choice, build);
  expect(objects.filter(({ kind }) => !CUSTOM_KINDS.includes(kind)).flatMap((object) => schemaErrors(object))).toEqual([]);
  expect(check(objects).filter(isError)).toEqual([]);
  const texts = written(objects);
  const read = texts.map((yaml) => parseDocument(yaml, { version: '1.1' }).toJS());
  // the comparison of the test runner takes longer than all the rest
  if (!isDeepStrictEqual(read, objects)) expect(read).toEqual(objects);
  // the same from the same input, in whatever order it stands, and in either app
  expect(written(objectsOf(at, choice, build, true)).join('---\n')).toBe(texts.join('---\n'));
}

test('any service', () => {
  const drawn = site.chain((at) => fc.record({ at: fc.constant(at), choice: chartProps, props: serviceProps(at) }));
  fc.assert(
    fc.property(drawn, ({ at, choice, props }) =>
      judge(at, choice, (chart, ordered) => void new AutoscaledService(chart, 'ping', ordered(props))),
    ),
    { numRuns: 50 },
  );
});

test('any model, on CPUs', () => {
  const drawn = site.chain((at) => fc.record({ at: fc.constant(at), choice: chartProps, props: modelProps(at) }));
  fc.assert(
    fc.property(drawn, ({ at, choice, props }) =>
      judge(at, choice, (chart, ordered) => void new TfServingModel(chart, 'resnet', ordered(props))),
    ),
    { numRuns: 50 },
  );
});

test('any model, on any pool of GPUs', () => {
  const drawn = siteWithGpus.chain((at) =>
    fc.record({ at: fc.constant(at), choice: chartProps, gpu: gpuPool(at), props: modelProps(at, scaleOnGpus, true) }),
  );
  fc.assert(
    fc.property(drawn, ({ at, choice, gpu, props }) =>
      judge(at, choice, (chart, ordered) => {
        const pool = new GpuModelPool(chart, 'gpus', ordered(gpu.pool));
        new TfServingModel(chart, 'resnet', ordered({ ...props, pool, gpus: gpu.gpus }));
      }),
    ),
    { numRuns: 40 },
  );
});

/** Without names and doors, which two workloads of a cluster cannot share. */
const OF_ONE_ONLY = { name: undefined, serviceName: undefined, exposure: undefined, configMapName: undefined, envConfigMapName: undefined };

test('any gateway in front of any model', () => {
  const drawn = site.chain((at) => fc.record({ at: fc.constant(at), choice: chartProps, model: modelProps(at), props: gatewayProps(at) }));
  fc.assert(
    fc.property(drawn, ({ at, choice, model, props }) =>
      judge(at, choice, (chart, ordered) => {
        const resnet = new TfServingModel(chart, 'resnet', ordered({ ...model, ...OF_ONE_ONLY }));
        new ModelGateway(chart, 'gateway', ordered({ ...props, model: resnet }));
      }),
    ),
    { numRuns: 25 },
  );
});

/** What callers see of a model, which all models of a switch have alike. */
const SEEN = { modelName: 'ranker', grpcPort: 8500, restPort: 8501, protocols: [ServingProtocol.REST] };

test('a switch between any two models, with a gateway in front', () => {
  const drawn = site.chain((at) =>
    fc.record({ at: fc.constant(at), choice: chartProps, blue: modelProps(at), green: modelProps(at), props: gatewayProps(at) }),
  );
  fc.assert(
    fc.property(drawn, ({ at, choice, blue, green, props }) => {
      judge(at, choice, (chart, ordered) => {
        const [active, idle] = [blue, green].map(
          (model, index) =>
            new TfServingModel(
              chart,
              `model-${index}`,
              ordered({ ...model, ...OF_ONE_ONLY, ...SEEN, otherModels: undefined, versionLabels: undefined, tls: undefined }),
            ),
        );
        const front = new ModelSwitch(chart, 'front', ordered({ active, idle: [idle] }));
        new ModelGateway(chart, 'gateway', ordered({ ...props, ...OF_ONE_ONLY, protocol: ServingProtocol.REST, model: front }));
      });
    }),
    { numRuns: 8 },
  );
});

test('another model beside it changes nothing of a model, but for the pace of its rollouts and drains where nodes are counted', () => {
  const drawn = site.chain((at) => fc.record({ at: fc.constant(at), choice: chartProps, props: modelProps(at), other: modelProps(at) }));
  fc.assert(
    fc.property(drawn, ({ at, choice, props, other }) => {
      const texts = (build: Parameters<typeof objectsOf>[2]) => {
        const objects = objectsOf(at, choice, build);
        if (at.cluster.nodePools.length > 0) objects.forEach(dropPace);
        return written(objects);
      };
      const alone = texts((chart) => void new TfServingModel(chart, 'resnet', props));
      const beside = texts((chart) => {
        new TfServingModel(chart, 'resnet', props);
        new TfServingModel(chart, 'another', { ...other, ...OF_ONE_ONLY });
      });
      expect(beside).toEqual(expect.arrayContaining(alone));
    }),
    { numRuns: 20 },
  );
});
