import { Duration } from 'cdk8s';
import {
  Cluster,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  type ServingChart,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { isReady } from './api';
import { type Build, Scene } from './scene';
import { seated } from './seats';
import { CLIENTS, endLoad, type Load, onRealNode, realNode, type Seen, standInImage, standInServer, startLoad } from './stand-in';

export const REST = { path: '/v1/models/demo:predict' };
export const GRPC = { path: '/tensorflow.serving.PredictionService/Predict' };

/**
 * Tells stories in which pods really run: a stand-in of the server, which behaves as the real one is known to, under
 * clients. Without a node that runs pods they are left out, which is said.
 */
export function onStage(name: string, stories: (stage: Stage) => void, others: string[] = []): void {
  const node = realNode();
  stories(new Stage(name, node ?? '', others, node === undefined ? test.skip : test));
  if (node !== undefined) return;
  afterAll(() => {
    process.stdout.write(`no node runs pods here: ${name} was not shown\n`);
  });
}

/** A namespace with a model that is called demo, on a node that runs pods. */
export class Stage extends Scene {
  constructor(
    name: string,
    public readonly node: string,
    others: string[],
    tell: jest.It,
  ) {
    super(name, others, tell);
    // a stopping server would keep its namespace for as long as it waits for requests
    afterEach(() => this.kubectl('delete', 'pods', '--all', '--grace-period', '0', '--force'));
  }

  public readonly cluster = Cluster.kind();

  public readonly demo = (chart: ServingChart, props: Partial<TfServingModelProps> = {}, id = 'demo'): TfServingModel =>
    new TfServingModel(chart, id, {
      source: ModelSource.inImage('/models/demo'),
      server: standInServer(),
      replicas: 3,
      requestTimeout: Duration.seconds(5),
      ...onRealNode(this.node),
      ...props,
      env: { LATENCY_MS: '10', ...props.env },
    });

  public withGateway(props: Partial<TfServingModelProps> = {}): (chart: ServingChart) => void {
    return (chart) => void this.gateway(chart, this.demo(chart, props));
  }

  public gateway(chart: ServingChart, model: TfServingModel, props: Partial<ModelGatewayProps> = {}, id = 'gateway'): ModelGateway {
    return new ModelGateway(chart, id, {
      image: standInImage(),
      command: ['/usr/bin/gateway'],
      env: { PORT: '9696' },
      targetPort: 9696,
      model,
      replicas: 2,
      ...onRealNode(this.node),
      ...props,
    });
  }

  /** One pod of the model alone. */
  public single(props: Partial<TfServingModelProps> = {}): (chart: ServingChart) => void {
    return (chart) => void this.demo(chart, { replicas: 1, ...props });
  }

  /** Applies what a story builds. */
  public async play(build: Build): Promise<void> {
    await this.apply(this.written(this.cluster, build).file);
  }

  /** The model's pods, with those on their way out. */
  public allPods(): Promise<KubeObject[]> {
    return this.list('pods', 'app.kubernetes.io/instance=demo');
  }

  public async restarts(): Promise<number[]> {
    return (await this.allPods()).map(({ status }) => status.containerStatuses?.[0]?.restartCount ?? 0);
  }

  public async ready(): Promise<boolean[]> {
    return (await this.allPods()).map(isReady);
  }

  /** Log of the container that ran before the one that runs now. */
  public async previousLog(): Promise<string> {
    const [pod] = await this.allPods();
    return this.kubectl('logs', pod.metadata.name, '--previous');
  }

  /** Clients of the model with a new connection for each request, with a kept one, over gRPC, and those of the gateway. */
  public everyKind(pauseMillis?: number): Load[] {
    const host = `demo.${this.namespace}.svc.cluster.local`;
    return [
      { name: 'new', mode: 'new', target: `${host}:8501`, ...REST, pauseMillis },
      { name: 'keepalive', mode: 'keepalive', target: `${host}:8501`, ...REST, pauseMillis },
      { name: 'grpc', mode: 'grpc', target: `${host}:8500`, ...GRPC, pauseMillis },
      {
        name: 'gateway-clients',
        mode: 'keepalive',
        target: `gateway.${this.namespace}.svc.cluster.local:80`,
        pauseMillis,
        clients: 2 * CLIENTS,
      },
    ];
  }

  /** Lets something happen under all kinds of clients, and returns what they saw. */
  public async underLoad(what: string, happen: () => Promise<void>, pauseMillis?: number): Promise<Record<string, Seen>> {
    const seen = await this.load(this.everyKind(pauseMillis), happen);
    this.sayAll(what, seen);
    return seen;
  }

  /** A line for each kind of clients. */
  public sayAll(what: string, seen: Record<string, Seen>): void {
    for (const [name, { sent, failed, failures }] of Object.entries(seen)) {
      this.say(`${what}: ${name}: ${failed} of ${sent} requests failed ${failed > 0 ? JSON.stringify(failures) : ''}`);
    }
  }

  /** Lets something happen under some clients, and returns what they saw. */
  public async load(loads: Load[], happen: () => Promise<void>): Promise<Record<string, Seen>> {
    return seated(async () => {
      await startLoad(this.namespace, this.node, loads);
      await happen();
      return endLoad(this.namespace, loads);
    });
  }

  /** Servers ask gRPC clients to leave; clients of REST that keep a connection lose at most what is under way when it ends. */
  public expectServed(seen: Record<string, Seen>, podsGone: number): void {
    const failed = { new: seen.new.failed, grpc: seen.grpc.failed, gateway: seen['gateway-clients'].failed };
    expect(failed).toEqual({ new: 0, grpc: 0, gateway: 0 });
    expect(seen.keepalive.failed).toBeLessThanOrEqual(CLIENTS * podsGone);
  }
}
