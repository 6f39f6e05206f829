import { Duration } from 'cdk8s';
import { Accelerator, Cluster, GpuModelPool, LocalGpus, type ModelOptions, ModelSource, Peer } from '../../lib';
import { check } from '../../lib/check';
import { isError } from '../../lib/check/checker';
import { ChattyModel } from '../support/other-server';
import { container, only, podSpec, render, toYaml } from '../support/render';

const cluster = Cluster.kind({ gpus: LocalGpus.AVAILABLE });
const MODEL: ModelOptions = {
  source: ModelSource.persistentVolumeClaim('models', { path: 'llama', accessMode: 'ReadWriteMany' }),
  resources: { requests: { cpu: '3', memory: '8Gi' } },
  loadTime: Duration.minutes(10),
};
const chatty = (props: Partial<ModelOptions> = {}) =>
  render((chart) => void new ChattyModel(chart, 'llama', { ...MODEL, ...props }), cluster);

test('another server is served as its statement says', () => {
  const objects = chatty({ scrapers: [Peer.namespace('monitoring')] });
  expect(check(objects).filter(isError)).toEqual([]);
  expect(toYaml([only(objects, 'Deployment')])).toMatchSnapshot();
});

test('a server that ends by the signal is told after its address is gone, and has the time of its longest request', () => {
  const { terminationGracePeriodSeconds, containers } = podSpec(chatty({ requestTimeout: Duration.seconds(60) }));
  const { seconds } = containers[0].lifecycle.preStop.sleep;
  expect(seconds).toBeGreaterThan(0);
  expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + 60);
});

test('its pool, its source and its memory are judged as those of any model', () => {
  const pooled = render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 1 });
    new ChattyModel(chart, 'llama', { ...MODEL, pool });
  }, cluster);
  expect(container(pooled).image).toBe('example.com/chatty:1.2.0-cuda');
  expect(container(pooled).resources.limits['nvidia.com/gpu']).toBe('1');
  const once = ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOncePod' });
  expect(() => chatty({ source: once, replicas: 2 })).toThrow("'replicas' (2) cannot be above 1: a ReadWriteOncePod volume is for one pod");
  expect(() => chatty({ modelMemory: '9Gi' })).toThrow('is less than the 9Gi that the model takes');
});

test('its memory and its load time follow from the size of the model', () => {
  const sized = chatty({ modelSize: '1Gi', loadTime: undefined, resources: { requests: { cpu: '3' } } });
  expect(container(sized).resources.limits.memory).toBe('2432Mi');
  const { periodSeconds, failureThreshold } = container(sized).startupProbe;
  expect(periodSeconds * failureThreshold).toBe(75);
});
