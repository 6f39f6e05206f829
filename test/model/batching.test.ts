import { type Batching, ModelSource, ServerImage, TfServingModel, type TfServingModelProps } from '../../lib';
import { flag, only, render } from '../support/render';

const server = ServerImage.official('2.19.1');
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server,
  resources: { requests: { cpu: '4', memory: '4Gi' } },
};
const model = (change: Partial<TfServingModelProps>) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, ...change }));
const file = (change: Partial<TfServingModelProps>) => only(model(change), 'ConfigMap').data['batching_config.txt'];

test('threads have the name that metrics show', () => {
  expect(file({ batching: { maxBatchSize: 8, threadPoolName: 'ran"ker' } })).toContain('thread_pool_name { value: "ran\\042ker" }\n');
});

describe('batching per model', () => {
  test('says the threads of all, and that each version says the rest', () => {
    const objects = model({ batchingPerModel: { threadPoolName: 'all' } });
    expect(file({ batchingPerModel: { threadPoolName: 'all' } })).toBe(
      'num_batch_threads { value: 4 }\nthread_pool_name { value: "all" }\n',
    );
    expect(file({ batchingPerModel: { numBatchThreads: 9 } })).toBe('num_batch_threads { value: 9 }\n');
    expect(flag(objects, 'enable_batching')).toBe('true');
    expect(flag(objects, 'batching_parameters_file')).toBe('/etc/tfs-config/batching_config.txt');
    expect(flag(objects, 'enable_per_model_batching_parameters')).toBe('true');
    expect(flag(model({ batching: { maxBatchSize: 8 } }), 'enable_per_model_batching_parameters')).toBeUndefined();
  });

  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    [
      'batching of all alike',
      { batching: { maxBatchSize: 8 }, batchingPerModel: {} },
      /'batchingPerModel' .* cannot stand beside 'batching'/,
    ],
    [
      'a release that batches all alike',
      { server: ServerImage.official('2.10.1'), batchingPerModel: {} },
      /'batchingPerModel' .* needs TensorFlow Serving 2\.11\.0, but the image has 2\.10\.1, which would batch all models alike/,
    ],
    ['sizes', { batchingPerModel: { maxBatchSize: 8 } as never }, /'batchingPerModel\.maxBatchSize' \(8\) is not known here/],
    ['no thread', { batchingPerModel: { numBatchThreads: 0 } }, /'batchingPerModel\.numBatchThreads' \(0\)/],
    ['no batch', { batchingPerModel: { largestBatch: 0 } }, /'batchingPerModel\.largestBatch' \(0\)/],
    ['its flag', { flags: { enablePerModelBatchingParameters: true } as never }, /belongs to the prop 'batchingPerModel'/],
  ])('fails on %s', (_, change, message) => {
    expect(() => model(change)).toThrow(message);
  });
});

describe('the file of a version', () => {
  const text = (batching: Batching, of = server) => TfServingModel.batchingParameters(batching, of);

  test('holds all but the threads, in the words of the server', () => {
    expect(text({ maxBatchSize: 32, batchTimeoutMicros: 5000, allowedBatchSizes: [8, 32], padVariableLengthInputs: true })).toBe(
      [
        'max_batch_size { value: 32 }',
        'batch_timeout_micros { value: 5000 }',
        'max_enqueued_batches { value: 10 }',
        'allowed_batch_sizes: 8',
        'allowed_batch_sizes: 32',
        'pad_variable_length_inputs: true',
        '',
      ].join('\n'),
    );
  });

  test('lets as many batches wait as a split request makes', () => {
    const split = { maxBatchSize: 100, enableLargeBatchSplitting: true, maxExecutionBatchSize: 4 };
    expect(text(split)).toContain('max_enqueued_batches { value: 25 }\n');
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'threads',
      () => text({ maxBatchSize: 8, numBatchThreads: 2 }),
      /^TfServingModel\.batchingParameters: 'batching\.numBatchThreads' \(2\) is not read/,
    ],
    ['their name', () => text({ maxBatchSize: 8, threadPoolName: 'x' }), /'batching\.threadPoolName' \("x"\) .* 'batchingPerModel'/],
    ['sizes that fall', () => text({ maxBatchSize: 8, allowedBatchSizes: [8, 4] }), /'batching\.allowedBatchSizes'/],
    ['no size', () => text({} as never), /'batching\.maxBatchSize'/],
    ['no batching', () => text(undefined as never), /'batching' \(undefined\) must be a map/],
    [
      'no server',
      () => text({ maxBatchSize: 8 }, '2.19.1' as never),
      /'server' \("2\.19\.1"\) must be made by one of the methods of ServerImage/,
    ],
    [
      'splitting before its release',
      () => text({ maxBatchSize: 8, enableLargeBatchSplitting: true }, ServerImage.official('2.3.0')),
      /'batching\.enableLargeBatchSplitting' \(true\) needs TensorFlow Serving 2\.4\.0/,
    ],
  ])('fails on %s', (_, making, message) => {
    expect(making).toThrow(message);
  });
});

describe('a session configuration', () => {
  test('is a file that the server reads', () => {
    const objects = model({ sessionConfig: { allowGrowth: true, disableThreadSpinning: true } });
    expect(flag(objects, 'tensorflow_session_config_file')).toBe('/etc/tfs-config/session_config.txt');
    expect(only(objects, 'ConfigMap').data['session_config.txt']).toMatch(/allow_growth: true[\s\S]*disable_thread_spinning: true/);
  });

  test('that says nothing is none', () => {
    const objects = model({ sessionConfig: {} });
    expect(flag(objects, 'tensorflow_session_config_file')).toBeUndefined();
    expect(Object.keys(only(objects, 'ConfigMap').data)).toEqual(['monitoring_config.txt']);
  });

  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    [
      'a release that does not read it',
      { server: ServerImage.official('2.7.0'), sessionConfig: { allowGrowth: true } },
      /'sessionConfig' .* needs TensorFlow Serving 2\.8\.0/,
    ],
    [
      'what flags overwrite',
      { sessionConfig: { intraOpParallelismThreads: 2 } as never },
      /'sessionConfig\.intraOpParallelismThreads' \(2\) is not known/,
    ],
    [
      'a share of GPU memory',
      { sessionConfig: { perProcessGpuMemoryFraction: 0.5 } as never },
      /'sessionConfig\.perProcessGpuMemoryFraction'/,
    ],
    ['its flag', { flags: { tensorflowSessionConfigFile: '/x' } as never }, /belongs to the prop 'sessionConfig'/],
  ])('fails on %s', (_, change, message) => {
    expect(() => model(change)).toThrow(message);
  });
});
