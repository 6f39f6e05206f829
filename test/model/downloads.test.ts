import { App, Chart, Duration } from 'cdk8s';
import { Cluster, ContainerImage, ModelSource, Peer, ServerImage, TfServingModel, type TfServingModelProps } from '../../lib';
import type { KubeObject } from '../../lib/check';
import { noticesOf } from '../../lib/private/notices';
import { container, flag, GKE, only, podSpec, render, warningsOf } from '../support/render';

const SHA = 'a'.repeat(64);
const URL = 'https://models.example.com/ranker-7.tar.gz';
const ROLE = 'arn:aws:iam::123456789012:role/team/models';
const KIND = Cluster.kind();
const EKS = Cluster.eks({ imageRepository: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/models' });

const archive = ModelSource.archive(URL, { sha256: SHA, version: 7, size: '3Gi' });
const bucket = (options: Partial<Parameters<typeof ModelSource.s3>[1]> = {}) =>
  ModelSource.s3('s3://my-bucket/ranker/', { size: '1Gi', versions: [3], credentialsSecretName: 'keys', ...options });
const followed = (options: Partial<Parameters<typeof ModelSource.s3>[1]> = {}) =>
  bucket({ versions: undefined, pollInterval: Duration.minutes(5), ...options });

const MODEL = { server: ServerImage.official('2.19.1'), resources: { requests: { cpu: '1', memory: '2Gi' } } };
const model = (source: ModelSource, cluster = KIND, props: Partial<TfServingModelProps> = {}): KubeObject[] =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, source, ...props }), cluster);
const said = (source: ModelSource, cluster = KIND, props: Partial<TfServingModelProps> = {}) => {
  let notices: { kind: string; text: string }[] = [];
  render((chart) => {
    const made = new TfServingModel(chart, 'ranker', { ...MODEL, source, ...props });
    notices = noticesOf([made, made.service]);
  }, cluster);
  return notices;
};
const variables = (program: { env: { name: string; value: string }[] }) =>
  Object.fromEntries(program.env.map(({ name, value }) => [name, value]));
const calls = (objects: KubeObject[]) => only(objects, 'NetworkPolicy').spec.egress.slice(1);

describe('a model that a program downloads', () => {
  test('is in a volume of the pod that the server only reads, with its room on the disk set aside', () => {
    const objects = model(archive);
    const [program] = podSpec(objects).initContainers;
    expect(podSpec(objects).volumes).toContainEqual({ name: 'models', emptyDir: { sizeLimit: '3Gi' } });
    expect(program.volumeMounts).toContainEqual({ name: 'models', mountPath: '/mnt/models' });
    expect(container(objects).volumeMounts).toContainEqual({ name: 'models', mountPath: '/mnt/models', readOnly: true });
    expect(program.resources).toEqual({
      requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '3Gi' },
      limits: { memory: '128Mi', 'ephemeral-storage': '5Gi' },
    });
    expect(flag(objects, 'model_base_path')).toBe('/mnt/models');
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('0');
  });

  test('adds to the disk that the server asks for, unless a program beside it asks for that', () => {
    const resources = { requests: { cpu: '1', memory: '2Gi', ephemeralStorage: '500M' }, limits: { ephemeralStorage: '2Gi' } };
    const disk = (source: ModelSource) => {
      const { requests, limits } = container(model(source, KIND, { resources })).resources;
      return [requests['ephemeral-storage'], limits['ephemeral-storage']];
    };
    expect(disk(archive)).toEqual(['3549Mi', '5Gi']);
    expect(disk(bucket())).toEqual(['1501Mi', '3Gi']);
    expect(disk(followed())).toEqual(['500M', '2Gi']);
    expect(disk(ModelSource.inImage('/models/ranker'))).toEqual(['500M', '2Gi']);
  });

  test('has the rights of the server, and an image of its own', () => {
    const [program] = podSpec(model(archive)).initContainers;
    expect(program.securityContext).toEqual(container(model(archive)).securityContext);
    expect(program.image).toBe('curlimages/curl:8.14.1');
    expect(podSpec(model(bucket())).initContainers[0].image).toBe('amazon/aws-cli:2.27.50');
  });

  test('takes an image of yours where the cluster finds it, with its own pull policy, and resources of yours', () => {
    const source = ModelSource.archive(URL, {
      sha256: SHA,
      version: 7,
      size: '3Gi',
      toolImage: ContainerImage.fromBuild('tools:v1'),
      toolResources: { limits: { cpu: '2', memory: '1Gi' } },
    });
    const [program] = podSpec(model(source, EKS, { imagePullPolicy: 'Always' })).initContainers;
    expect(program).toMatchObject({
      image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/models:tools-v1',
      imagePullPolicy: 'IfNotPresent',
      resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } },
    });
    expect(said(source, EKS)).toContainEqual(expect.objectContaining({ kind: 'image', text: expect.stringContaining('docker push') }));
  });

  test('has its time before the server, which a rollout waits for', () => {
    const deadline = (source: ModelSource) => only(model(source), 'Deployment').spec.progressDeadlineSeconds;
    const without = deadline(ModelSource.inImage('/models/ranker'));
    const limited = bucket({ downloadTime: Duration.minutes(2) });
    expect(deadline(archive)).toBe(without + 600);
    expect(deadline(limited)).toBe(without + 120);
    expect(variables(podSpec(model(limited)).initContainers[0]).MODEL_BUDGET).toBe('120');
  });

  test('no container of another name stands in its way', () => {
    expect(() => model(archive, KIND, { containerName: 'download-model' })).toThrow(
      /'containerName' \("download-model"\) is the name of another container/,
    );
  });

  test('scripts hold nothing that Kubernetes or Flux would replace', () => {
    for (const program of [archive, followed()].flatMap((source) => podSpec(model(source)).initContainers)) {
      expect(program.command.slice(0, 2)).toEqual(['/bin/sh', '-c']);
      expect(program.command[2]).not.toMatch(/\$\$|\$\{/);
      const inserted = [...program.command[2].matchAll(/\$\(([A-Z_]+)\)/g)];
      expect(inserted).toEqual([]);
    }
  });
});

describe('an archive', () => {
  test('is named to the script by its variables, and reached at its port', () => {
    const objects = model(ModelSource.archive('https://models.example.com:8443/r.tgz', { sha256: SHA, version: 7, size: '3Gi' }));
    expect(variables(podSpec(objects).initContainers[0])).toMatchObject({
      MODEL_URL: 'https://models.example.com:8443/r.tgz',
      MODEL_PROTOCOLS: '=https',
      MODEL_SHA256: SHA,
      MODEL_VERSION: '7',
      MODEL_TOKEN_FILE: '/dev/null',
    });
    expect(calls(objects)).toMatchObject([{ ports: [{ protocol: 'TCP', port: 8443 }], to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }]);
  });

  test('a token comes from a Secret, which only the program sees', () => {
    const source = ModelSource.archive(URL, { sha256: SHA, version: 7, size: '3Gi', tokenSecretName: 'models-token' });
    const objects = model(source);
    expect(podSpec(objects).volumes).toContainEqual({ name: 'model-token', secret: { secretName: 'models-token' } });
    expect(JSON.stringify(podSpec(objects).initContainers[0].volumeMounts)).toContain('model-token');
    expect(JSON.stringify(container(objects).volumeMounts)).not.toContain('model-token');
    expect(said(source)).toContainEqual(
      expect.objectContaining({
        kind: 'access',
        text: 'kubectl -n models create secret generic models-token --from-file=token=TOKEN_FILE',
      }),
    );
  });

  const options = { sha256: SHA, version: 7, size: '3Gi' };
  test.each<[string, object, RegExp]>([
    ['models.example.com/r.tar.gz', {}, /'url' .* must be an address of https:\/\//],
    ['s3://bucket/r.tar.gz', {}, /Use ModelSource\.s3\(\)/],
    ['gs://bucket/r.tar.gz', {}, /Use ModelSource\.gcs\(\)/],
    ['file:///r.tar.gz', {}, /must be an address of https:\/\//],
    ['http://models.example.com/r.tar.gz', {}, /is not encrypted: .* set 'plainHttp'/],
    ['http://models.example.com/r.tar.gz', { plainHttp: true, tokenSecretName: 't' }, /'tokenSecretName' .* in the clear/],
    ['https://me:hunter2@models.example.com/r.tar.gz', {}, /must not carry credentials/],
    ['https://b.s3.amazonaws.com/r.tar.gz?X-Amz-Signature=hunter2', {}, /signed addresses expire/],
    ['https://models.example.com/r.zip', {}, /of the kind \.zip, .* Pack the model as \.tar\.gz/],
    ['https://models.example.com/r.tar.zst?x=1', {}, /of the kind \.zst/],
    ['https://models.example.com/$(X)/r.tar.gz', {}, /percent-encoded/],
    ['https://models.example.com/a b.tar.gz', {}, /percent-encoded/],
    ['https://models.example.com/r.tar.gz#part', {}, /percent-encoded/],
  ])('%s %o is refused', (url, more, message) => {
    const make = () => ModelSource.archive(url, { ...options, ...more });
    expect(make).toThrow(message);
    expect(make).not.toThrow(/hunter2/);
  });

  test.each([
    ['http://models.example.com/r.tar', 80, '0.0.0.0/0'],
    ['http://10.1.2.3:9000/r.tar', 9000, '10.1.2.3/32'],
    ['https://[2001:db8::1]/r.tar', 443, '2001:db8::1/128'],
  ])('%s is let through as far as the address tells', (url, port, cidr) => {
    const objects = model(ModelSource.archive(url, { ...options, plainHttp: true }));
    expect(calls(objects)).toMatchObject([{ ports: [{ port }], to: [{ ipBlock: { cidr } }] }]);
  });

  test.each(['http://minio/r.tar', 'http://minio.storage.svc:9000/r.tar', 'http://files.team.internal/r.tar'])(
    '%s is let through by a rule of yours only, and missing that is reported',
    (url) => {
      const source = ModelSource.archive(url, { ...options, plainHttp: true });
      const warnings = (props: Partial<TfServingModelProps>) =>
        said(source, KIND, props).filter(({ kind, text }) => kind === 'warning' && text.includes('is no public host'));
      expect(calls(model(source))).toEqual([]);
      expect(warnings({})).toHaveLength(1);
      expect(warnings({ egress: [{ to: Peer.namespace('storage'), ports: [9000] }] })).toEqual([]);
    },
  );
});

describe('a bucket of S3', () => {
  test('by the identity of EKS: with Pod Identity unless a role is named', () => {
    const agent = { ports: [{ protocol: 'TCP', port: 80 }], to: [{ ipBlock: { cidr: '169.254.170.23/32' } }] };
    const associated = model(bucket({ credentialsSecretName: undefined }), EKS);
    expect(only(associated, 'ServiceAccount').metadata.annotations).toBeUndefined();
    expect(calls(associated)).toContainEqual(agent);
    const byRole = model(bucket({ roleArn: ROLE }), EKS);
    expect(only(byRole, 'ServiceAccount').metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': ROLE });
    expect(calls(byRole)).not.toContainEqual(agent);
    expect(variables(podSpec(byRole).initContainers[0])).not.toHaveProperty('AWS_SHARED_CREDENTIALS_FILE');
  });

  test('the commands that grant it name the role, the bucket and the service account', () => {
    const access = (source: ModelSource) =>
      said(source, EKS)
        .filter(({ kind }) => kind === 'access')
        .map(({ text }) => text);
    expect(access(bucket())).toEqual([
      expect.stringContaining('create-pod-identity-association --cluster-name CLUSTER --namespace models --service-account ranker'),
      expect.stringContaining('put-role-policy --role-name ROLE --policy-name read-my-bucket'),
    ]);
    const [grant] = access(bucket({ roleArn: ROLE.replace('arn:aws:', 'arn:aws-cn:') }));
    expect(grant).toContain('--role-name models ');
    expect(grant).toContain('"arn:aws-cn:s3:::my-bucket/*"');
  });

  test.each([
    ['on a cluster without an identity in AWS', KIND, {}],
    ['on GKE', GKE, {}],
    ['of another store, also on EKS', EKS, { endpoint: 'https://storage.example.com' }],
  ])('%s: by keys of a Secret, which only the programs see', (_, cluster, options) => {
    const objects = model(followed(options), cluster);
    expect(podSpec(objects).volumes).toContainEqual({ name: 'model-keys', secret: { secretName: 'keys' } });
    for (const program of podSpec(objects).initContainers) {
      expect(variables(program).AWS_SHARED_CREDENTIALS_FILE).toBe('/var/run/secrets/model/credentials');
      expect(program.volumeMounts).toContainEqual({ name: 'model-keys', mountPath: '/var/run/secrets/model', readOnly: true });
    }
    expect(JSON.stringify(container(objects).volumeMounts)).not.toContain('model-keys');
    expect(only(objects, 'ServiceAccount').metadata.annotations).toBeUndefined();
    expect(() => model(bucket({ ...options, credentialsSecretName: undefined }), cluster)).toThrow(
      /'credentialsSecretName' \(undefined\) must name a Secret with keys/,
    );
  });

  test('where no cluster is named, the refusal says how to name one', () => {
    const chart = new Chart(new App(), 'models');
    const source = bucket({ credentialsSecretName: undefined });
    expect(() => new TfServingModel(chart, 'ranker', { ...MODEL, source })).toThrow(
      /'credentialsSecretName' .* Name one: new ServingChart/,
    );
  });

  test('an endpoint of AWS itself is read by the identity of the pods', () => {
    const objects = model(bucket({ endpoint: 'https://s3.eu-west-1.amazonaws.com', credentialsSecretName: undefined, roleArn: ROLE }), EKS);
    expect(variables(podSpec(objects).initContainers[0])).toMatchObject({ AWS_ENDPOINT_URL_S3: 'https://s3.eu-west-1.amazonaws.com' });
  });

  test('pinned versions are brought before the server, which looks once', () => {
    const objects = model(bucket({ versions: [3, 20260101120000], region: 'eu-west-1' }));
    expect(podSpec(objects).initContainers).toHaveLength(1);
    expect(variables(podSpec(objects).initContainers[0])).toMatchObject({
      MODEL_URI: 's3://my-bucket/ranker',
      MODEL_VERSIONS: '3 20260101120000',
      AWS_REGION: 'eu-west-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('0');
  });

  test('the newest version is brought before the server and followed beside it', () => {
    const objects = model(followed());
    const [first, sidecar] = podSpec(objects).initContainers;
    expect(first).toMatchObject({ name: 'download-model' });
    expect(first).not.toHaveProperty('restartPolicy');
    expect(sidecar).toMatchObject({ name: 'follow-model', restartPolicy: 'Always' });
    expect(variables(sidecar)).toMatchObject({ MODEL_VERSIONS: 'newest', MODEL_POLL: '300' });
    expect(podSpec(objects).containers).toHaveLength(1);
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('10');
  });

  test('before Kubernetes 1.29, which has no sidecars, an ordinary container follows it', () => {
    const objects = model(followed(), Cluster.kind({ kubernetesVersion: '1.28' }));
    expect(podSpec(objects).initContainers.map(({ name }: { name: string }) => name)).toEqual(['download-model']);
    expect(podSpec(objects).containers.map(({ name }: { name: string }) => name)).toEqual(['ranker', 'follow-model']);
    expect(JSON.stringify(objects)).not.toContain('"restartPolicy"');
  });

  test('following asks for memory of two versions, and its price is told', () => {
    const warnings = (source: ModelSource, props: Partial<TfServingModelProps> = {}) => {
      let texts: string[] = [];
      render((chart) => {
        texts = warningsOf([new TfServingModel(chart, 'ranker', { ...MODEL, source, ...props })]);
      }, KIND);
      return texts;
    };
    expect(warnings(followed())).toEqual([expect.stringMatching(/^pollInterval: while the server swaps versions/)]);
    expect(() => warnings(followed(), { modelMemory: '1500Mi' })).toThrow(/2 x 1500Mi = 3000Mi that both versions take/);
    expect(warnings(followed({ pollInterval: Duration.seconds(10) }), { modelMemory: '800Mi' })).toEqual([
      expect.stringMatching(/lists the bucket 518400 times a month/),
    ]);
    expect(warnings(bucket(), { modelMemory: '1500Mi' })).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['gs://bucket/ranker', {}, /Use ModelSource\.gcs\(\)/],
    ['https://bucket.s3.amazonaws.com/ranker', {}, /'uri' .* must name a bucket/],
    ['s3://B/ranker', {}, /'uri' .* must name a bucket/],
    ['s3://bucket/a//b', {}, /'uri'/],
    ['s3://bucket/ranker/3', {}, /ends in a number, .* Write the directory above it: 's3:\/\/bucket\/ranker'/],
    ['s3://bucket/ranker', { versions: undefined }, /'versions' .* pods that start later would serve another one/],
    ['s3://bucket/ranker', { pollInterval: Duration.minutes(1) }, /'versions' .* cannot stand beside 'pollInterval'/],
  ])('%s %o is refused', (uri, options, message) => {
    expect(() => ModelSource.s3(uri, { size: '1Gi', versions: [3], ...options })).toThrow(message);
  });
});

describe('what the pods ask of the nodes', () => {
  // 3.5 CPU and about 14 GiB are free
  const sized = (source: ModelSource, resources: TfServingModelProps['resources']) => {
    let texts: string[] = [];
    render(
      (chart) => {
        texts = warningsOf([new TfServingModel(chart, 'ranker', { ...MODEL, source, resources, replicas: 2 }).service]);
      },
      Cluster.kind({ cpus: 4, memory: '16Gi' }),
    );
    return texts.find((text) => text.startsWith('replicas is 2'));
  };
  const small = { requests: { cpu: '1500m', memory: '1Gi' } };
  const tool = (cpu: string) => ({ toolResources: { requests: { cpu } } });

  test('a program that ends before the server counts where it is the larger one', () => {
    expect(sized(bucket(tool('1500m')), small)).toBeUndefined();
    expect(sized(bucket(tool('1600m')), small)).toMatch(/only 1 fit: .* pod\(s\) of 1\.6 CPU and 1Gi/);
  });

  test('a program beside the server counts with it', () => {
    expect(sized(followed(tool('20m')), small)).toBeUndefined();
    expect(sized(followed(tool('50m')), small)).toMatch(/only 1 fit: .* pod\(s\) of 1\.55 CPU and 1536Mi/);
  });

  test('one that fits on no node is refused', () => {
    expect(() => sized(bucket(tool('5')), small)).toThrow(/'resources' \(5 CPU and 1Gi\) fit on no declared node/);
  });
});
