import { Duration } from 'cdk8s';
import { ModelGateway, ModelSource, type ServingChart, TfServingModel, type TfServingModelProps } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually, getIn, kubectl } from './kubectl';
import { claimNamespaces, markNamespaces, releaseNamespaces } from './namespaces';
import { endLoad, type Load, onRealNode, realNode, type Seen, standInImage, standInServer, startLoad, synthesized } from './stand-in';
import { explained } from './trouble';

const REST = { path: '/v1/models/demo:predict' };
export const GRPC = { path: '/tensorflow.serving.PredictionService/Predict' };
const CLIENTS = 4;

/**
 * Tells stories in which pods really run: a stand-in of the server, which behaves as the real one is known to, under
 * clients. Without a node that runs pods they are left out, which is said.
 */
export function onStage(namespace: string, stories: (stage: Stage) => void): void {
  const node = realNode();
  const said: string[] = [];
  afterAll(() => {
    if (node === undefined) said.push(`no node runs pods here: ${namespace} was not shown`);
    process.stdout.write(said.map((line) => `${line}\n`).join(''));
  });
  (node === undefined ? describe.skip : describe)('on a node that runs pods', () => {
    beforeEach(() => claimNamespaces([namespace]));
    afterEach(releaseNamespaces);
    stories(new Stage(namespace, node as string, said));
  });
}

/** One namespace with a model that is called demo, and what happens there. */
export class Stage {
  constructor(
    private readonly namespace: string,
    public readonly node: string,
    private readonly said: string[],
  ) {}

  /** A line for the tally. */
  public say(line: string): void {
    this.said.push(line);
  }

  /** One story; where it fails, the cluster is asked why. */
  public story(name: string, tell: () => Promise<void>): void {
    test(name, () => explained([this.namespace], tell));
  }

  public readonly demo = (chart: ServingChart, props: Partial<TfServingModelProps> = {}): TfServingModel =>
    new TfServingModel(chart, 'demo', {
      source: ModelSource.inImage('/models/demo'),
      server: standInServer(),
      replicas: 3,
      requestTimeout: Duration.seconds(5),
      ...onRealNode(this.node),
      ...props,
      env: { LATENCY_MS: '10', ...props.env },
    });

  public withGateway(props: Partial<TfServingModelProps> = {}): (chart: ServingChart) => void {
    return (chart) =>
      void new ModelGateway(chart, 'gateway', {
        image: standInImage(),
        command: ['/usr/bin/gateway'],
        env: { PORT: '9696' },
        targetPort: 9696,
        model: this.demo(chart, props),
        replicas: 2,
        ...onRealNode(this.node),
      });
  }

  /** One pod of the model alone. */
  public single(props: Partial<TfServingModelProps> = {}): (chart: ServingChart) => void {
    return (chart) => void this.demo(chart, { replicas: 1, ...props });
  }

  public apply(build: (chart: ServingChart) => void): void {
    kubectl(['apply', '--validate=strict', '--filename', synthesized(this.namespace, build)]);
    markNamespaces();
  }

  public kubectl(...args: string[]): string {
    return kubectl([...args, '--namespace', this.namespace]);
  }

  /** Waits until all Deployments have their pods. */
  public async available(): Promise<void> {
    await eventually(
      'all Deployments have their pods',
      180,
      () => getIn([this.namespace], 'deployments').map(({ status, spec }) => [spec.replicas, status.readyReplicas, status.updatedReplicas]),
      (seen) => seen.every(([wanted, ready, updated]) => wanted === ready && wanted === updated),
    );
  }

  /** The model's Deployment. */
  public get deployment(): KubeObject {
    return getIn([this.namespace], 'deployments').find(({ metadata }) => metadata.name === 'demo') as KubeObject;
  }

  /** The pods of the model. */
  public get pods(): KubeObject[] {
    return getIn([this.namespace], 'pods').filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === 'demo');
  }

  public get restarts(): number[] {
    return this.pods.map(({ status }) => status.containerStatuses?.[0]?.restartCount ?? 0);
  }

  public get ready(): boolean[] {
    return this.pods.map((pod) => condition(pod, 'Ready')?.status === 'True');
  }

  public get events(): string[] {
    return getIn([this.namespace], 'events').map(({ message }) => message);
  }

  /** Log of the container that ran before the one that runs now. */
  public get previousLog(): string {
    return this.kubectl('logs', this.pods[0].metadata.name, '--previous');
  }

  /** Lets something happen under all kinds of clients, and returns what they saw. */
  public async underLoad(what: string, seconds: number, happen: () => Promise<void> | void): Promise<Record<string, Seen>> {
    const host = `demo.${this.namespace}.svc.cluster.local`;
    const loads: Load[] = [
      { name: 'new', mode: 'new', target: `${host}:8501`, ...REST, seconds },
      { name: 'keepalive', mode: 'keepalive', target: `${host}:8501`, ...REST, seconds },
      { name: 'grpc', mode: 'grpc', target: `${host}:8500`, ...GRPC, seconds },
      { name: 'gateway-clients', mode: 'keepalive', target: `gateway.${this.namespace}.svc.cluster.local:80`, seconds },
    ];
    const seen = await this.load(loads, happen);
    for (const [name, { sent, failed, failures }] of Object.entries(seen)) {
      this.say(`${what}: ${name}: ${failed} of ${sent} requests failed ${failed > 0 ? JSON.stringify(failures) : ''}`);
    }
    return seen;
  }

  /** Lets something happen under some clients, and returns what they saw. */
  public async load(loads: Load[], happen: () => Promise<void> | void): Promise<Record<string, Seen>> {
    await startLoad(this.namespace, this.node, loads);
    await happen();
    return endLoad(this.namespace, loads);
  }

  /** Servers ask gRPC clients to leave; clients of REST that keep a connection lose at most what is under way when it ends. */
  public expectServed(seen: Record<string, Seen>, podsGone: number): void {
    const failed = { new: seen.new.failed, grpc: seen.grpc.failed, gateway: seen['gateway-clients'].failed };
    expect(failed).toEqual({ new: 0, grpc: 0, gateway: 0 });
    expect(seen.keepalive.failed).toBeLessThanOrEqual(CLIENTS * podsGone);
  }
}
