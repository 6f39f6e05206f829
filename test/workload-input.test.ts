import { AutoscaledService, type AutoscaledServiceProps, Autoscaling, Cluster, ContainerImage, Probe } from '../lib';
import { noticesOf } from '../lib/private/notices';
import { container, GKE, podSpec, render, toYaml } from './support/render';

const REQUIRED: AutoscaledServiceProps = {
  image: ContainerImage.fromRegistry('example.com/ping:1.0'),
  ports: [{ port: 80, targetPort: 9696 }],
  resources: { requests: { cpu: '500m', memory: '128Mi' } },
};

const service = (props: Partial<AutoscaledServiceProps> = {}, cluster = GKE) =>
  render((chart) => {
    new AutoscaledService(chart, 'ping', { ...REQUIRED, ...props });
  }, cluster);

const making =
  (props: Partial<AutoscaledServiceProps>, cluster = GKE) =>
  () =>
    service(props, cluster);

test('what stands beside the refused is taken', () => {
  const objects = service({
    ports: [
      { port: 80, targetPort: 9696, appProtocol: 'kubernetes.io/h2c' },
      { name: 'health', port: 8081, published: false },
    ],
    readinessProbe: Probe.httpGet('/ready', { port: 8081 }),
    livenessProbe: Probe.exec(['/bin/true']),
    serviceName: 'p'.repeat(54),
    headless: true,
    env: { A: '1' },
    envVars: [
      { name: 'B', value: '2' },
      { name: 'C', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ],
    envFrom: [{ prefix: 'X_', secretRef: { name: 's' } }],
    tolerations: [
      { operator: 'Exists' },
      { key: 'a', value: 'b', effect: 'NoSchedule' },
      { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
    ],
    volumes: [
      { name: 'shm', emptyDir: { medium: 'Memory' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    ],
    volumeMounts: [
      { name: 'shm', mountPath: '/dev/shm' },
      { name: 'data', mountPath: '/data/', subPath: 'models/..resnet' },
      { name: 'data', mountPath: '/tmp/data', readOnly: true },
    ],
  });
  expect(container(objects).readinessProbe.httpGet.port).toBe(8081);
  expect(container(objects).env.map(({ name }: { name: string }) => name)).toEqual(['A', 'B', 'C']);
  expect(podSpec(objects).tolerations).toHaveLength(3);
  expect(container(objects).volumeMounts).toHaveLength(4);
  expect(objects.map(({ metadata }) => metadata.name)).toContain(`${'p'.repeat(54)}-headless`);
});

test('a loaded image is never asked of a registry', () => {
  const image = ContainerImage.fromBuild('ping:v1');
  expect(making({ image, imagePullPolicy: 'Always' }, Cluster.kind())).toThrow(
    /'imagePullPolicy' \("Always"\) would ask a registry for ping:v1/,
  );
  expect(container(service({ image, imagePullPolicy: 'Always' }, Cluster.kind({ registry: true }))).imagePullPolicy).toBe('Always');
  expect(container(service({ image, imagePullPolicy: 'Never' }, Cluster.kind())).imagePullPolicy).toBe('Never');
  expect(container(service({ imagePullPolicy: 'Always' }, Cluster.kind())).imagePullPolicy).toBe('Always');
});

test('labels of nodes that contradict the pool are refused, others are added', () => {
  const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'small', machineType: 'n1-standard-4', maxNodes: 3 }] });
  const pool = 'cloud.google.com/gke-nodepool';
  expect(making({ nodePool: 'small', nodeSelector: { [pool]: 'large' } }, cluster)).toThrow(
    /'nodeSelector.cloud.google.com\/gke-nodepool' \("large"\) contradicts 'small'/,
  );
  expect(podSpec(service({ nodePool: 'small', nodeSelector: { [pool]: 'small', disk: 'ssd' } }, cluster)).nodeSelector).toEqual({
    [pool]: 'small',
    disk: 'ssd',
  });
});

test('a port for root is reported where containers may not have it', () => {
  const warnings = (cluster: Cluster, targetPort: number) => {
    let texts: string[] = [];
    render((chart) => {
      texts = noticesOf([new AutoscaledService(chart, 'ping', { ...REQUIRED, ports: [{ port: 80, targetPort }] })]).map(({ text }) => text);
    }, cluster);
    return texts.filter((text) => text.startsWith('the container'));
  };
  expect(warnings(GKE, 80)).toEqual([expect.stringMatching(/^the container listens on port 80 without being root/)]);
  expect(warnings(GKE, 1024)).toEqual([]);
  expect(warnings(Cluster.kind(), 80)).toEqual([]);
});

test('what the caller does to its own lists and maps later changes nothing', () => {
  const mutable = () => ({
    env: { A: '1' } as { [name: string]: string },
    envVars: [{ name: 'B', value: '2' }],
    args: ['--a'],
    podLabels: { team: 'vision' } as { [name: string]: string },
    podAnnotations: {} as { [name: string]: string },
    serviceAccountAnnotations: { role: 'r' } as { [name: string]: string },
    nodeSelector: {} as { [name: string]: string },
    ports: [{ port: 80, targetPort: 9696 }],
    volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    imagePullSecrets: ['secret'],
  });
  const once = (change: (props: ReturnType<typeof mutable>, probe: string[], metrics: { type: string }[]) => void) =>
    toYaml(
      render((chart) => {
        const props = mutable();
        const probe = ['/bin/true'];
        const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }];
        new AutoscaledService(chart, 'ping', {
          ...REQUIRED,
          ...props,
          livenessProbe: Probe.exec(probe),
          autoscaling: Autoscaling.metrics({ maxReplicas: 2, metrics }),
        });
        change(props, probe, metrics);
      }),
    );
  const untouched = once(() => {});
  const changed = once((props, probe, metrics) => {
    for (const map of [props.env, props.podLabels, props.podAnnotations, props.serviceAccountAnnotations, props.nodeSelector])
      map.late = 'x';
    for (const list of [props.envVars, props.args, props.ports, props.volumes, props.tolerations, props.imagePullSecrets]) list.pop();
    props.envVars.push({ name: 'LATE', value: 'x' });
    probe.push('late');
    metrics.pop();
  });
  expect(untouched).toContain('--a');
  expect(changed).toBe(untouched);
});
