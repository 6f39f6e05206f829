import { App } from 'cdk8s';
import * as fc from 'fast-check';
import { ModelSource, Peer, ServerImage, ServingChart, TfServingModel, type TfServingModelProps } from '../../lib';
import { type Site, site } from '../support/arbitrary-clusters';
import { modelProps } from '../support/arbitrary-models';
import { container, flag, only, podSpec, render, warningsOf } from '../support/render';

const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '2Gi' } },
};
const model = (props: Partial<TfServingModelProps> = {}) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, ...props }));
const official = (release: string) => model({ server: ServerImage.official(release), protocols: undefined });

/** One release of each line that has REST, the oldest first. */
const RELEASES = [
  ...['1.8.0', '1.9.0', '1.10.1', '1.11.0', '1.12.0', '1.13.0', '1.14.0', '1.15.0', '2.0.0', '2.1.0', '2.2.0', '2.3.0', '2.4.0', '2.5.1'],
  ...[
    '2.6.0',
    '2.7.0',
    '2.8.0',
    '2.9.0',
    '2.10.0',
    '2.11.0',
    '2.12.1',
    '2.13.0',
    '2.14.0',
    '2.15.1',
    '2.16.1',
    '2.17.0',
    '2.18.0',
    '2.19.1',
  ],
  '2.20.0',
];
const atLeast = (release: string, since: string) => RELEASES.indexOf(release) >= RELEASES.indexOf(since);

test.each(RELEASES)('release %s has metrics, health and probes as far as it knows them', (release) => {
  const objects = official(release);
  const { livenessProbe, startupProbe } = container(objects);
  expect(flag(objects, 'rest_api_port')).toBe('8501');
  expect(flag(objects, 'monitoring_config_file') !== undefined).toBe(atLeast(release, '1.11.0'));
  expect(flag(objects, 'enable_grpc_healthcheck_service')).toBe(atLeast(release, '2.15.1') ? 'true' : undefined);
  expect(flag(objects, 'enable_profiler')).toBe(atLeast(release, '2.5.1') ? 'false' : undefined);
  expect(Object.keys(livenessProbe)).toContain(atLeast(release, '2.15.1') ? 'grpc' : 'tcpSocket');
  expect(startupProbe.tcpSocket).toEqual({ port: 8500 });
});

test('the profiler is off, and reported where it is turned on', () => {
  const warnings = (props: Partial<TfServingModelProps>) => {
    let texts: string[] = [];
    render((chart) => {
      texts = warningsOf([new TfServingModel(chart, 'ranker', { ...MODEL, ...props })]);
    });
    return texts;
  };
  expect(flag(model(), 'enable_profiler')).toBe('false');
  expect(flag(model({ flags: { enableProfiler: true } }), 'enable_profiler')).toBe('true');
  expect(warnings({ flags: { enableProfiler: true } })).toEqual([
    expect.stringMatching(/^flags\.enableProfiler: whoever reaches the gRPC port/),
  ]);
  expect(warnings({ flags: { enableProfiler: false } })).toEqual([]);
});

test('each warm-up record is replayed as often as was said, where the release can', () => {
  const flags = { numRequestIterationsForWarmup: 3 };
  expect(flag(model({ flags }), 'num_request_iterations_for_warmup')).toBe('3');
  expect(() => model({ flags: { numRequestIterationsForWarmup: 0 } })).toThrow(/must be at least 1/);
  expect(() => model({ flags, server: ServerImage.official('2.7.0') })).toThrow(/'flags\.numRequestIterationsForWarmup'/);
});

test('who scrapes any model finds the metrics on the port of REST', () => {
  const objects = model({ scrapers: [Peer.namespace('monitoring')] });
  expect(only(objects, 'Deployment').spec.template.metadata.annotations).toMatchObject({
    'prometheus.io/port': flag(objects, 'rest_api_port'),
    'prometheus.io/path': '/monitoring/prometheus/metrics',
  });
});

/** Milliseconds of a channel argument. */
const milliseconds = (channelArguments: string, name: string) => Number(new RegExp(`(^|,)${name}=(\\d+)`).exec(channelArguments)?.[2]);

/** gRPC ends a connection within a tenth of its age, and lets its calls end for the grace. */
const JITTER = 1.1;

test('in any model the last connection and its calls end within the grace period, or it is reported', () => {
  const drawn = site.chain((at: Site) => modelProps(at).map((props) => ({ at, props })));
  let held = 0;
  fc.assert(
    fc.property(drawn, ({ at, props }) => {
      const chart = new ServingChart(new App(), 'models', { cluster: at.cluster });
      const ranker = new TfServingModel(chart, 'ranker', props);
      const objects = chart.toJson();
      const channelArguments = flag(objects, 'grpc_channel_arguments') ?? '';
      const age = milliseconds(channelArguments, 'grpc\\.max_connection_age_ms');
      const grace = milliseconds(channelArguments, 'grpc\\.max_connection_age_grace_ms');
      const last = (JITTER * age + grace) / 1000;
      if (last <= podSpec(objects).terminationGracePeriodSeconds) {
        held += 1;
        return;
      }
      expect(props.terminationGracePeriod).toBeDefined();
      expect(warningsOf([ranker, ranker.service])).toContainEqual(
        expect.stringMatching(/^terminationGracePeriod is \d+ s, but the last request/),
      );
    }),
    { numRuns: 40 },
  );
  expect(held).toBeGreaterThan(20);
});
