import { execFileSync } from 'node:child_process';
import { App, Chart, Duration } from 'cdk8s';
import { parse } from 'yaml';
import { Cluster, ContainerImage, ModelSource, ServerImage, ServingChart, TfServingModel, type TfServingModelProps } from '../../lib';
import type { KubeObject } from '../../lib/check';
import { noticesOf, type PlacedNotice } from '../../lib/private/notices';
import { container, flag, GKE, only, podSpec, render } from '../support/render';
import { schemaErrors } from '../support/schema';

const REQUIRED = { server: ServerImage.official('2.19.1'), resources: { requests: { cpu: '1', memory: '4Gi' } } };
const pollInterval = Duration.minutes(5);
const NEW_KIND = Cluster.kind({ kubernetesVersion: '1.35' });
const EKS = Cluster.eks();

const model = (source: ModelSource, cluster: Cluster, props: Partial<TfServingModelProps> = {}): KubeObject[] =>
  render((chart) => void new TfServingModel(chart, 'resnet', { ...REQUIRED, source, ...props }), cluster);
const making =
  (...args: Parameters<typeof model>) =>
  () =>
    model(...args);

function notices(source: ModelSource, cluster: Cluster, props: Partial<TfServingModelProps> = {}): PlacedNotice[] {
  const chart = new ServingChart(new App(), 'models', { cluster });
  return noticesOf([new TfServingModel(chart, 'resnet', { ...REQUIRED, source, ...props })]);
}
const told = (...args: Parameters<typeof notices>) => notices(...args).map(({ kind, text }) => `${kind}: ${text}`);

const volumeOf = (objects: KubeObject[]) => only(objects, 'PersistentVolume').spec;
const imageModel = ContainerImage.fromBuild('resnet-model:v1');

/** Sources that write a volume of their own, each where it can be used. */
const STATIC: [string, Cluster, ModelSource, ModelSource][] = [
  ['hostPath', Cluster.kind(), ModelSource.hostPath('/models/resnet'), ModelSource.hostPath('/models/other')],
  ['nfs', GKE, ModelSource.nfs('10.0.0.2', '/resnet'), ModelSource.nfs('10.0.0.3', '/resnet')],
  ['s3Mount', EKS, ModelSource.s3Mount('bucket'), ModelSource.s3Mount('bucket', { path: 'resnet' })],
];

describe.each(STATIC)('%s', (_, cluster, source, other) => {
  test('is a volume and a claim that are bound to each other, which restricted pods may mount', () => {
    const objects = model(source, cluster);
    const volume = only(objects, 'PersistentVolume');
    const claim = only(objects, 'PersistentVolumeClaim');
    expect(volume.metadata.namespace).toBeUndefined();
    expect(volume.spec).toMatchObject({
      accessModes: ['ReadOnlyMany'],
      storageClassName: '',
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: 'models', name: claim.metadata.name },
    });
    expect(claim.metadata.namespace).toBe('models');
    expect(claim.spec).toMatchObject({ accessModes: ['ReadOnlyMany'], storageClassName: '', volumeName: volume.metadata.name });
    expect(podSpec(objects).volumes).toContainEqual({
      name: 'models',
      persistentVolumeClaim: { claimName: claim.metadata.name, readOnly: true },
    });
    expect(container(objects).volumeMounts).toContainEqual({ name: 'models', mountPath: '/mnt/models', readOnly: true });
    expect(flag(objects, 'model_base_path')).toBe('/mnt/models');
    expect(objects.flatMap((object) => schemaErrors(object as never))).toEqual([]);
  });

  test('has a volume of its own for each namespace, model and content, and the same at each synthesis', () => {
    const nameOf = (namespace: string, id: string, from: ModelSource) => {
      const chart = new ServingChart(new App(), namespace, { cluster });
      new TfServingModel(chart, id, { ...REQUIRED, source: from });
      return only(chart.toJson(), 'PersistentVolume').metadata.name;
    };
    expect(nameOf('models', 'resnet', source)).toBe(nameOf('models', 'resnet', source));
    const names = [
      nameOf('models', 'resnet', source),
      nameOf('models', 'other', source),
      nameOf('others', 'resnet', source),
      nameOf('models', 'resnet', other),
      // joined, these two say the same
      nameOf('models-resnet', 'a', source),
      nameOf('models', 'resnet-a', source),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test('tells how to see whether the volume is bound, and asks for no claim that it makes', () => {
    const texts = told(source, cluster);
    expect(texts).toContainEqual(expect.stringMatching(/^access: kubectl get persistentvolume models-resnet-[0-9a-f]{8}$/));
    expect(texts.filter((text) => text.includes('persistentvolumeclaim'))).toEqual([]);
  });

  test('is refused in a chart without a namespace, which a volume must name', () => {
    const chart = new Chart(new App(), 'plain');
    cluster.attachTo(chart);
    expect(() => new TfServingModel(chart, 'resnet', { ...REQUIRED, source })).toThrow(
      /'namespace' \(undefined\) must be said by the chart/,
    );
  });

  test('opens nothing to the pods: the node mounts it', () => {
    const egress = (objects: KubeObject[]) => only(objects, 'NetworkPolicy').spec.egress;
    expect(egress(model(source, cluster))).toEqual(egress(model(ModelSource.inImage('/models/resnet'), cluster)));
  });
});

describe('a directory of the nodes', () => {
  const source = ModelSource.hostPath('/models/resnet', { pollInterval });

  test('must be there when a pod comes', () => {
    expect(volumeOf(model(source, Cluster.kind())).hostPath).toEqual({ path: '/models/resnet', type: 'Directory' });
    expect(flag(model(source, Cluster.kind()), 'file_system_poll_wait_seconds')).toBe('300');
  });

  test.each([
    ['GKE', GKE],
    ['EKS', EKS],
  ])('is refused on %s, whose nodes come and go', (title, cluster) => {
    expect(making(source, cluster)).toThrow(
      new RegExp(`^models/resnet: 'source' \\("hostPath /models/resnet"\\) is a directory of a node, and the nodes of ${title}`),
    );
  });

  test('is refused where no cluster is named', () => {
    const chart = new Chart(new App(), 'plain', { namespace: 'models' });
    expect(() => new TfServingModel(chart, 'resnet', { ...REQUIRED, source })).toThrow(/a cluster that nobody has named/);
  });

  test.each([
    [1, ['control-plane']],
    [2, ['control-plane', 'worker', 'worker']],
  ])('comes into the nodes of kind, where %i run pods, when these are made', (nodes, roles) => {
    const command = told(source, Cluster.kind({ name: 'dev', nodes }))[0].replace('setup: ', '');
    const [configuration, kind] = command.split(' | ');
    expect(kind).toBe('kind create cluster --name dev --config -');
    const extraMounts = [{ hostPath: '/models/resnet', containerPath: '/models/resnet' }];
    expect(parse(execFileSync('sh', ['-c', configuration], { encoding: 'utf8' }))).toEqual({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      nodes: roles.map((role) => ({ role, extraMounts })),
    });
  });

  test('comes into the node of minikube while a command runs', () => {
    expect(told(source, Cluster.minikube())).toContain('setup: minikube mount /models/resnet:/models/resnet &');
    expect(told(source, Cluster.minikube({ name: 'dev' }))).toContain(
      'setup: minikube mount /models/resnet:/models/resnet --profile dev &',
    );
  });

  test('is one of each node, which is said where there are several', () => {
    const warning = /^warning: source: each of the 3 nodes has a \/models\/resnet of its own/;
    expect(told(source, Cluster.kind({ nodes: 3 }))).toContainEqual(expect.stringMatching(warning));
    expect(told(source, Cluster.kind()).filter((text) => /of its own/.test(text))).toEqual([]);
  });

  test.each([
    ['models', /absolute path/],
    ['/', /the root/],
    ['/models/1', /is a version directory/],
    ['/proc/x', /belongs to the kernel/],
    ['/etc/kubernetes', /belongs to the node itself/],
    ['/var/lib/kubelet/pods', /belongs to the node itself/],
    ["/models/a'b", /stands in commands/],
    ['/models/a b', /stands in commands/],
    ['/models/$(X)', /Kubernetes would replace it/],
  ])('is refused as %s', (path, message) => {
    expect(() => ModelSource.hostPath(path)).toThrow(message);
  });
});

describe('a directory of an NFS server', () => {
  test('is mounted read-only, by one port, and waits for the server', () => {
    const { nfs, mountOptions } = volumeOf(model(ModelSource.nfs('nfs.example.com', '/exports/resnet/'), GKE));
    expect(nfs).toEqual({ server: 'nfs.example.com', path: '/exports/resnet', readOnly: true });
    expect(mountOptions).toEqual(['nfsvers=4.1', 'hard', 'noatime']);
  });

  test('takes other options in place of these', () => {
    const source = ModelSource.nfs('fd00::2', '/resnet', { mountOptions: ['nfsvers=3', 'nolock'] });
    expect(volumeOf(model(source, GKE)).mountOptions).toEqual(['nfsvers=3', 'nolock']);
    expect(volumeOf(model(ModelSource.nfs('10.0.0.2', '/resnet', { mountOptions: [] }), GKE)).mountOptions).toBeUndefined();
  });

  test.each(['', 'NFS', 'a b', 'nfs:/x', 'nfs://x', '-a', 5, null])('is refused on the server %p', (server) => {
    expect(() => ModelSource.nfs(server as string, '/resnet')).toThrow(/'server'.*must be a host name or an address/);
  });

  test.each(['nfs.storage.svc', 'nfs.storage.svc.cluster.local'])('is refused on %s, which no node resolves', (server) => {
    expect(() => ModelSource.nfs(server, '/resnet')).toThrow(/is a name of the cluster, which the nodes that mount it do not resolve/);
  });

  test('is refused where it is a version directory', () => {
    expect(() => ModelSource.nfs('10.0.0.2', '/resnet/7')).toThrow(/is a version directory/);
  });
});

describe('an image', () => {
  const source = ModelSource.ociImage(imageModel, { path: 'models/resnet' });
  const mountedImage = (objects: KubeObject[]) => podSpec(objects).volumes.find(({ name }: { name: string }) => name === 'models').image;

  test('is mounted where the server reads it, and never looked at again', () => {
    const objects = model(source, NEW_KIND);
    expect(mountedImage(objects)).toEqual({ reference: 'resnet-model:v1', pullPolicy: 'IfNotPresent' });
    expect(container(objects).volumeMounts).toContainEqual({ name: 'models', mountPath: '/mnt/models', readOnly: true });
    expect(flag(objects, 'model_base_path')).toBe('/mnt/models/models/resnet');
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('0');
    expect(objects.flatMap((object) => schemaErrors(object as never))).toEqual([]);
    expect(flag(model(ModelSource.ociImage(imageModel), NEW_KIND), 'model_base_path')).toBe('/mnt/models');
  });

  test('is found where the cluster finds images, and the command brings it there', () => {
    expect(told(source, NEW_KIND)).toContain('image: kind load docker-image resnet-model:v1 --name kind');
    const gke = Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project', kubernetesVersion: '1.35' });
    expect(mountedImage(model(source, gke)).reference).toBe('gcr.io/my-project/resnet-model:v1');
    expect(told(source, gke)).toContainEqual(expect.stringMatching(/^image: docker tag resnet-model:v1 gcr\.io/));
    expect(making(source, Cluster.eks({ kubernetesVersion: '1.35' }))).toThrow(/^models\/resnet: .*'imageRepository'/);
  });

  test('takes a runtime that mounts images, which minikube has when it is told so', () => {
    const minikube = Cluster.minikube({ kubernetesVersion: '1.36' });
    expect(told(source, minikube)).toContain('setup: minikube start --container-runtime containerd');
  });

  test.each(['1.27', '1.34'])('is refused on Kubernetes %s, with the way out', (kubernetesVersion) => {
    expect(making(source, Cluster.kind({ kubernetesVersion }))).toThrow(
      /'source' \("ociImage resnet-model:v1"\) is an image volume, which Kubernetes 1\.\d+ does not mount .*kubernetesVersion: '1\.35'.*ModelSource\.inImage\(\)/,
    );
  });

  test('leaves its place to nobody', () => {
    const volume = (mountPath: string, name = 'data') => ({
      volumes: [{ name, emptyDir: {} }],
      volumeMounts: [{ name, mountPath }],
    });
    expect(making(source, NEW_KIND, volume('/data', 'models'))).toThrow(/'models'|"models"/);
    expect(making(source, NEW_KIND, volume('/mnt/models'))).toThrow(/is mounted twice/);
    expect(making(source, NEW_KIND, { batching: { maxBatchSize: 8 }, configDirectory: '/mnt/models/conf' })).toThrow(/'configDirectory'/);
    expect(told(source, NEW_KIND, volume('/mnt/models/models')).filter((text) => /hides what the image holds/.test(text))).toEqual([]);
  });

  test.each([undefined, null, 'x:1', {}])('is refused where it is %p', (image) => {
    expect(() => ModelSource.ociImage(image as never)).toThrow(/'image'.*must be made by one of the methods of ContainerImage/);
  });
});

describe('a bucket that GKE mounts', () => {
  const source = ModelSource.gcsFuse('bucket', { path: '/team/resnet/', pollInterval, mountOptions: ['file-cache:max-size-mb:-1'] });
  const options = (objects: KubeObject[]) => podSpec(objects).volumes.at(-1).csi.volumeAttributes.mountOptions;

  test('shows the model alone, also where nobody made its directories', () => {
    const objects = model(source, GKE);
    expect(podSpec(objects).volumes).toContainEqual({
      name: 'models',
      csi: {
        driver: 'gcsfuse.csi.storage.gke.io',
        readOnly: true,
        volumeAttributes: {
          bucketName: 'bucket',
          mountOptions: 'implicit-dirs,only-dir=team/resnet,metadata-cache:ttl-secs:300,file-cache:max-size-mb:-1',
        },
      },
    });
    expect(options(model(ModelSource.gcsFuse('bucket'), GKE))).toBe('implicit-dirs');
    expect(flag(objects, 'model_base_path')).toBe('/mnt/models');
  });

  test('comes with a container of GKE, which has what it says', () => {
    const annotations = (from: ModelSource) => only(model(from, GKE), 'Deployment').spec.template.metadata.annotations;
    const sized = ModelSource.gcsFuse('bucket', { sidecarCpu: '1', sidecarMemory: '1Gi', sidecarEphemeralStorage: '20Gi' });
    expect(annotations(source)).toMatchObject({
      'gke-gcsfuse/volumes': 'true',
      'gke-gcsfuse/cpu-limit': '250m',
      'gke-gcsfuse/memory-limit': '256Mi',
      'gke-gcsfuse/ephemeral-storage-limit': '1Gi',
    });
    expect(annotations(sized)).toMatchObject({
      'gke-gcsfuse/cpu-limit': '1',
      'gke-gcsfuse/memory-limit': '1Gi',
      'gke-gcsfuse/ephemeral-storage-limit': '20Gi',
    });
  });

  test('warns where annotations of the user say something else', () => {
    const podAnnotations = { 'gke-gcsfuse/volumes': 'false', 'gke-gcsfuse/cpu-limit': '250m', other: 'x' };
    expect(told(source, GKE, { podAnnotations }).filter((text) => text.startsWith('warning: podAnnotations'))).toEqual([
      "warning: podAnnotations: gke-gcsfuse/volumes is 'false', where 'source' says 'true'",
    ]);
  });

  test('needs room on the nodes for that container, too', () => {
    const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'small', cpu: '2', memory: '8Gi', maxNodes: 1 }] });
    const fits = (from: ModelSource) => making(from, cluster, { resources: { requests: { cpu: '1', memory: '1Gi' } } });
    expect(fits(source)).not.toThrow();
    expect(fits(ModelSource.gcsFuse('bucket', { sidecarCpu: '1' }))).toThrow(/'resources' \(2 CPU and 1280Mi\) fit on no declared node/);
  });

  test('is read as the service account, over the same way as by the server itself, and waits for no token', () => {
    const egress = (from: ModelSource) => only(model(from, GKE), 'NetworkPolicy').spec.egress;
    const byServer = ModelSource.gcs('gs://bucket/team/resnet');
    expect(egress(source)).toEqual(egress(byServer));
    const grants = (from: ModelSource) => told(from, GKE).filter((text) => text.includes('add-iam-policy-binding'));
    expect(grants(source)).toEqual(grants(byServer));
    expect(grants(source)).toHaveLength(1);
    expect(podSpec(model(source, GKE)).initContainers).toBeUndefined();
  });

  test('takes an add-on, which Autopilot always has', () => {
    const addOn = /--update-addons=GcsFuseCsiDriver=ENABLED/;
    expect(told(source, GKE)).toContainEqual(expect.stringMatching(addOn));
    const autopilot = Cluster.gke({ projectId: 'my-project', autopilot: true });
    expect(told(source, autopilot).filter((text) => addOn.test(text))).toEqual([]);
  });

  test('has its price where the server looks for versions', () => {
    const often = ModelSource.gcsFuse('bucket', { pollInterval: Duration.seconds(2) });
    expect(told(often, GKE)).toContainEqual(expect.stringMatching(/lists the bucket 1296000 times a month/));
  });

  test.each([
    ['kind', Cluster.kind()],
    ['EKS', EKS],
  ])('is refused on %s', (title, cluster) => {
    expect(making(source, cluster)).toThrow(
      new RegExp(`needs the driver of Cloud Storage FUSE, which GKE has and ${title} has not. Use ModelSource.gcs`),
    );
  });

  test('decides about freshness only where versions are followed', () => {
    const ttl = { mountOptions: ['metadata-cache:ttl-secs:-1'] };
    expect(options(model(ModelSource.gcsFuse('bucket', ttl), GKE))).toBe('implicit-dirs,metadata-cache:ttl-secs:-1');
    expect(() => ModelSource.gcsFuse('bucket', { ...ttl, pollInterval })).toThrow(/is decided by 'pollInterval'/);
  });

  test.each(['', 'a', 'Bucket', 'gs://bucket', 'bucket/x', null])('is refused as %p', (bucket) => {
    expect(() => ModelSource.gcsFuse(bucket as string)).toThrow(/'bucket'.*must be the name of a bucket/);
  });
});

describe('a bucket that EKS mounts', () => {
  const source = ModelSource.s3Mount('bucket', { path: 'team/resnet', region: 'eu-west-1', pollInterval });

  test('shows the model alone, to pods of any user, under a handle that no other volume has', () => {
    const objects = model(source, EKS);
    expect(volumeOf(objects)).toMatchObject({
      mountOptions: ['read-only', 'allow-other', 'prefix team/resnet/', 'region eu-west-1'],
      csi: {
        driver: 's3.csi.aws.com',
        volumeHandle: only(objects, 'PersistentVolume').metadata.name,
        volumeAttributes: { bucketName: 'bucket', authenticationSource: 'driver' },
      },
    });
    expect(volumeOf(model(ModelSource.s3Mount('bucket'), EKS)).mountOptions).toEqual(['read-only', 'allow-other']);
  });

  test('is read by the role of the driver, or by that of the pods', () => {
    const { csi } = volumeOf(model(ModelSource.s3Mount('bucket', { podIdentity: true, region: 'eu-west-1' }), EKS));
    expect(csi.volumeAttributes).toEqual({ bucketName: 'bucket', authenticationSource: 'pod', stsRegion: 'eu-west-1' });
    const access = (podIdentity: boolean) =>
      notices(ModelSource.s3Mount('bucket', { podIdentity }), EKS).find(({ kind }) => kind === 'access');
    expect(access(false)?.text).toMatch(/update-addon .*aws-mountpoint-s3-csi-driver --service-account-role-arn ROLE$/);
    expect(access(true)?.text).toMatch(/create-pod-identity-association .*--namespace models --service-account resnet --role-arn ROLE$/);
    expect(access(true)?.detail).toMatch(/s3:ListBucket on arn:aws:s3:::bucket and s3:GetObject on arn:aws:s3:::bucket\/\*/);
  });

  test('takes an add-on, and has its price where the server looks for versions', () => {
    expect(told(source, EKS)).toContainEqual(expect.stringMatching(/^setup: aws eks create-addon .*aws-mountpoint-s3-csi-driver$/));
    const often = ModelSource.s3Mount('bucket', { pollInterval: Duration.seconds(1) });
    expect(told(often, EKS)).toContainEqual(expect.stringMatching(/lists the bucket 2592000 times a month/));
  });

  test.each([
    ['minikube', Cluster.minikube()],
    ['GKE', GKE],
  ])('is refused on %s', (title, cluster) => {
    expect(making(source, cluster)).toThrow(new RegExp(`is an add-on of EKS and none of ${title}`));
  });

  test.each(['', 'ab', 'Bucket', 's3://bucket', 'a..b', '10.0.0.1', 'bucket/x', null])('is refused as %p', (bucket) => {
    expect(() => ModelSource.s3Mount(bucket as string)).toThrow(/'bucket'.*must be the name of a bucket/);
  });

  test('decides about freshness only where versions are followed', () => {
    const ttl = { mountOptions: ['--metadata-ttl indefinite'] };
    expect(volumeOf(model(ModelSource.s3Mount('bucket', ttl), EKS)).mountOptions).toContain('--metadata-ttl indefinite');
    expect(() => ModelSource.s3Mount('bucket', { ...ttl, pollInterval })).toThrow(/is decided by 'pollInterval'/);
  });
});

test('volumes that are followed need memory for two versions', () => {
  const modelMemory = '3Gi';
  const followed: [ModelSource, Cluster][] = [
    [ModelSource.hostPath('/models/resnet', { pollInterval }), Cluster.kind()],
    [ModelSource.nfs('10.0.0.2', '/resnet', { pollInterval }), GKE],
    [ModelSource.gcsFuse('bucket', { pollInterval }), GKE],
    [ModelSource.s3Mount('bucket', { pollInterval }), EKS],
  ];
  for (const [source, cluster] of followed) {
    expect(source.followsVersions).toBe(true);
    expect(making(source, cluster, { modelMemory })).toThrow(/2 x 3Gi = 6Gi that both versions take/);
  }
  expect(ModelSource.ociImage(imageModel).followsVersions).toBe(false);
});
