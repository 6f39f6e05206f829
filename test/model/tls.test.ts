import { posix } from 'node:path';
import {
  ContainerImage,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  Probe,
  ServerImage,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../../lib';
import { check } from '../../lib/check';
import { isError } from '../../lib/check/checker';
import { PROJECT_IMAGES } from '../../lib/model/server/releases';
import { noticesOf } from '../../lib/private/notices';
import { container, flag, only, podSpec, render, warningsOf } from '../support/render';

const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
  tls: { secretName: 'ranker-tls' },
};
const model = (change: Partial<TfServingModelProps> = {}) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, ...change }));
const made = (change: Partial<TfServingModelProps> = {}) => {
  let ranker: TfServingModel | undefined;
  render((chart) => {
    ranker = new TfServingModel(chart, 'ranker', { ...MODEL, ...change });
  });
  return ranker as TfServingModel;
};

test('the Secret becomes a file of the server in memory, and only the program that makes it sees the Secret', () => {
  const objects = model();
  const { volumes, initContainers, containers } = podSpec(objects);
  expect(volumes).toContainEqual({ name: 'server-tls-secret', secret: { secretName: 'ranker-tls', defaultMode: 0o440 } });
  expect(volumes).toContainEqual({ name: 'server-tls', emptyDir: { medium: 'Memory', sizeLimit: '5Mi' } });
  const [program] = initContainers;
  const [source, target, clientVerify] = program.command.slice(-3);
  expect(program.image).toBe('tensorflow/serving:2.19.1');
  expect(program.command[0]).toBe(PROJECT_IMAGES.shell);
  expect(program.volumeMounts).toContainEqual({ name: 'server-tls-secret', mountPath: source, readOnly: true });
  expect(program.volumeMounts).toContainEqual({ name: 'server-tls', mountPath: posix.dirname(target) });
  expect(clientVerify).toBe('false');
  expect(program.securityContext).toEqual(containers[0].securityContext);
  expect(containers[0].volumeMounts).toContainEqual({ name: 'server-tls', mountPath: posix.dirname(target), readOnly: true });
  expect(containers[0].volumeMounts.map(({ name }: any) => name)).not.toContain('server-tls-secret');
  expect(flag(objects, 'ssl_config_file')).toBe(target);
  expect(check(objects).filter(isError)).toEqual([]);
});

test('it stands beside the wait for a token and beside configuration files', () => {
  const objects = model({ source: ModelSource.gcs('gs://bucket/ranker'), batching: { maxBatchSize: 8 } });
  expect(podSpec(objects).initContainers.map(({ name }: any) => name)).toEqual(['wait-for-token', 'write-ssl-config']);
  expect(flag(objects, 'batching_parameters_file')).toBe('/etc/tfs-config/batching_config.txt');
  expect(() => model({ configDirectory: '/etc/tfs-tls' })).toThrow(/'configDirectory' .* overlaps what is mounted on \/etc\/tfs-tls/);
});

test('callers may have to show a certificate', () => {
  const objects = model({ tls: { secretName: 'ranker-tls', clientCertificates: true } });
  expect(podSpec(objects).initContainers[0].command.at(-1)).toBe('true');
});

test('the Secret is asked for, with the host that its certificate is for', () => {
  const commands = (change: Partial<TfServingModelProps> = {}) => noticesOf([made(change)]).filter(({ kind }) => kind === 'access');
  expect(commands()).toMatchObject([
    {
      text: 'kubectl -n models create secret tls ranker-tls --cert=CERTIFICATE_FILE --key=KEY_FILE',
      detail: 'is the certificate of ranker.models.svc.cluster.local, on which the pods wait',
    },
  ]);
  expect(commands({ tls: { secretName: 'ranker-tls', clientCertificates: true } })[0].text).toBe(
    'kubectl -n models create secret generic ranker-tls --type=kubernetes.io/tls --from-file=tls.crt=CERTIFICATE_FILE --from-file=tls.key=KEY_FILE --from-file=ca.crt=AUTHORITY_FILE',
  );
});

test('the kubelet, which speaks plain text, asks for a connection only', () => {
  const { livenessProbe, startupProbe, readinessProbe } = container(model());
  expect([livenessProbe.grpc, livenessProbe.tcpSocket, startupProbe.tcpSocket]).toEqual([undefined, { port: 8500 }, { port: 8500 }]);
  expect(readinessProbe.httpGet).toMatchObject({ port: 8501, path: '/v1/models/ranker/metadata' });
  for (const prop of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    expect(() => model({ [prop]: Probe.grpc() })).toThrow(new RegExp(`'${prop}' .* speaks TLS by 'tls', and the kubelet does not`));
  }
});

test('callers get gRPC alone, which the Service says to be encrypted, and REST where they are told that it is plain', () => {
  const ports = (change: Partial<TfServingModelProps> = {}) =>
    only(model(change), 'Service').spec.ports.map(({ name, appProtocol }: any) => [name, appProtocol]);
  const both = { protocols: [ServingProtocol.GRPC, ServingProtocol.REST] };
  expect(ports()).toEqual([['grpc', 'https']]);
  expect(ports(both)).toEqual([
    ['grpc', 'https'],
    ['http', 'http'],
  ]);
  expect(ports({ ...both, tls: undefined })[0]).toEqual(['grpc', 'kubernetes.io/h2c']);
  expect(warningsOf([made()])).toEqual([]);
  expect(warningsOf([made(both)])).toEqual([expect.stringMatching(/^protocols: 'tls' encrypts gRPC only/)]);
  expect([made().encrypted, made({ tls: undefined }).encrypted]).toEqual([true, false]);
});

test.each<[string, Partial<TfServingModelProps>, RegExp]>([
  ['REST alone', { protocols: [ServingProtocol.REST] }, /'protocols' .* leave out gRPC, the only one that 'tls' encrypts/],
  ['a name that no Secret has', { tls: { secretName: 'Ranker' } }, /'tls\.secretName' \("Ranker"\) must be a lower-case DNS name/],
  ['no name', { tls: {} as never }, /'tls\.secretName'/],
  ['a key itself', { tls: { secretName: 'a', key: 'x' } as never }, /'tls\.key' \("x"\) is not known here/],
  [
    'a release without it',
    {
      server: ServerImage.fromReference('tensorflow/serving:1.9.0'),
      protocols: [ServingProtocol.GRPC],
    },
    /'tls' \("ranker-tls"\) needs TensorFlow Serving 1\.10\.0, but the image has 1\.9\.0, which would serve in plain text/,
  ],
  ['ALTS beside it', { extraFlags: ['--use_alts_credentials=true'] }, /inside of Google Cloud alone.*Use 'tls'/],
  ['a volume of the same name', { volumes: [{ name: 'server-tls', emptyDir: {} }] }, /'volumes\[\d\]\.name' \("server-tls"\) stands twice/],
])('fails on %s', (_, change, message) => {
  expect(() => model(change)).toThrow(message);
});

describe('a gateway', () => {
  const gateway = (change: Partial<ModelGatewayProps>, tls: Partial<TfServingModelProps> = {}, add = false) =>
    render((chart) => {
      const ranker = new TfServingModel(chart, 'ranker', { ...MODEL, ...tls });
      const plain = new TfServingModel(chart, 'plain', { ...MODEL, tls: undefined });
      const front = new ModelGateway(chart, 'gateway', {
        image: ContainerImage.fromBuild('gateway:v1'),
        targetPort: 8080,
        resources: { requests: { cpu: '1', memory: '1Gi' } },
        model: add ? plain : ranker,
        ...change,
      });
      if (add) front.addModel(ranker, 'RANKER_HOST');
    });
  const refusal = /'model' \("models\/ranker"\) takes gRPC over TLS only, and nothing says that this program speaks it\. Set 'speaksTls'/;

  test('does not call an encrypted model in plain text', () => {
    expect(() => gateway({})).toThrow(refusal);
    expect(() => gateway({}, {}, true)).toThrow(refusal);
  });

  test('calls it where it speaks TLS, or over REST', () => {
    expect(() => gateway({ speaksTls: true })).not.toThrow();
    expect(() => gateway({ speaksTls: true }, {}, true)).not.toThrow();
    const protocols = [ServingProtocol.GRPC, ServingProtocol.REST];
    expect(() => gateway({ protocol: ServingProtocol.REST }, { protocols })).not.toThrow();
    expect(() => gateway({ protocol: ServingProtocol.REST })).toThrow(/'protocol' \("rest"\) is not offered/);
  });
});
