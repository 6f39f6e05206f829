import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { quantityOf } from '../private/quantity';
import { checkProps, checkShape } from '../private/shape';
import type { AutoscaledService, Peer } from '../service';
import { endpointsOf } from './endpoints';
import { type Batching, versionBatchingFile } from './files/batching';
import { readLocalCopy } from './local/local-copy';
import { ModelBackend } from './model-backend';
import { checkModelName } from './model-name';
import { MODEL_SHAPE, type TfServingModelProps } from './model-props';
import { remark } from './remarks';
import { ServerImage } from './server/server-image';
import type { ServerRelease } from './server/server-release';
import type { ServerTls } from './server/server-tls';
import { type Described, describe } from './serving/describe';
import { groundOf } from './serving/ground';
import { serve } from './serving/serve';
import { ServingProtocol } from './serving-protocol';
import { startupBudget, tensorflowServer } from './tensorflow-server';
import { type ModelTarget, targetPath } from './versions/model-target';
import { modelsOf, type TensorFlowModel } from './versions/models';

/**
 * A TensorFlow model behind TensorFlow Serving. Nothing restarts it while it loads, ready means that it can predict, it
 * uses the CPUs that it asked for, and it goes on serving while its address is being taken away.
 */
export class TfServingModel extends ModelBackend {
  /**
   * Text of a `batching_params.pbtxt`, which stands beside the `saved_model.pb` of a version and says how that version is
   * batched where `batchingPerModel` lets it. The threads are said there.
   *
   * @throws where the server would not load the version, or not read a field.
   */
  public static batchingParameters(batching: Batching, server: ServerImage): string {
    checkShape('TfServingModel.batchingParameters', { batching, server }, { batching: 'map', server: ServerImage }, ['batching', 'server']);
    return versionBatchingFile('TfServingModel.batchingParameters', batching, server._release);
  }

  /** Name by which clients ask for the model. */
  public readonly modelName: string;
  /** Directory in which the server looks for versions. */
  public readonly basePath: string;
  /** The workload: Deployment, Service and all around them. */
  public readonly service: AutoscaledService;
  /** Port of gRPC. */
  public readonly grpcPort: number;
  /** Port of REST. */
  public readonly restPort: number;
  /** Host name of the Service. */
  public readonly host: string;
  /** Namespace of the model. */
  public readonly namespace: string;
  /** Longest request. */
  public readonly requestTimeout: Duration;
  /** Protocols that callers may use. */
  public readonly protocols: ServingProtocol[];
  /** Whether callers of gRPC must speak TLS. */
  public readonly encrypted: boolean;

  private readonly described: Described;

  private readonly models: TensorFlowModel[];
  private readonly release: ServerRelease;
  private readonly tls?: ServerTls;

  /**
   * @throws where a prop is out of its range, contradicts another one, or cannot be met by the server's release or the
   * cluster.
   */
  constructor(scope: Construct, id: string, props: TfServingModelProps) {
    super(scope, id);
    const where = this.node.path;
    checkProps(new.target === TfServingModel, where, props, MODEL_SHAPE, ['source', 'server', 'resources']);
    this.modelName = checkModelName(where, props.modelName ?? id, props.modelName === undefined ? 'id' : 'modelName');
    const endpoints = endpointsOf(where, props);
    this.grpcPort = endpoints.grpcPort;
    this.restPort = endpoints.restPort;
    this.protocols = endpoints.protocols;
    this.encrypted = endpoints.encrypted;
    const local = props.localCopy === undefined ? undefined : readLocalCopy(where, props.localCopy);
    const options = local === undefined ? props : { ...props, modelSize: props.modelSize ?? quantityOf(local.sizeBytes) };
    this.models = modelsOf(where, this.modelName, options);
    this.release = props.server._release;
    this.tls = props.tls;
    const ground = groundOf(this, options, this.models);
    this.namespace = ground.namespace;
    this.requestTimeout = ground.requestTimeout;
    this.basePath = ground.sources[0].binding.basePath;
    const facts = { props, ground, endpoints, models: this.models };
    const server = tensorflowServer(facts);
    const startup = startupBudget(facts);
    this.service = serve(this, props, ground, server);
    this.host = this.service.host;
    this.described = {
      options: props,
      ground,
      server,
      startup,
      sizeFrom: props.modelSize === undefined ? "measured in 'localCopy'" : "said in 'modelSize'",
    };
    remark(this, props, { models: this.models, ground, local, endpoints, host: this.host, startupSeconds: startup.value });
  }

  /**
   * Host and port of gRPC, for clients in the cluster. Where the model has TLS, its certificate must be for this host.
   *
   * @throws where the model does not offer gRPC.
   */
  public get grpcAddress(): string {
    return this.service.address(ServingProtocol.GRPC);
  }

  /**
   * URL of REST up to the model's name, for clients in the cluster.
   *
   * @throws where the model does not offer REST.
   */
  public get restUrl(): string {
    return this.restUrlOf({});
  }

  /**
   * URL of REST up to a model, a version or a label, for clients in the cluster: `restUrlOf({ label: 'canary' })`.
   *
   * @throws where the server does not have it, or does not offer REST.
   */
  public restUrlOf(target: ModelTarget): string {
    return `http://${this.service.address('http')}${targetPath(this.node.path, this.models, target, this.release)}`;
  }

  /**
   * What callers may rely on besides names and ports: labels of versions, further models, and certificates of their own.
   *
   * @internal
   */
  public get _promises(): { readonly [what: string]: unknown } {
    return {
      versionLabels: this.models.flatMap(({ name, labels }) => Object.keys(labels).map((label) => `${name}/${label}`)),
      otherModels: this.models
        .slice(1)
        .map(({ name }) => name)
        .sort(),
      tls: this.tls && { clientCertificates: this.tls.clientCertificates ?? false },
    };
  }

  /**
   * Secret with the certificate that callers of gRPC see.
   *
   * @internal
   */
  public get _certificate(): string | undefined {
    return this.tls?.secretName;
  }

  /**
   * The arithmetic of memory, start-up and stop as a table to read: what is written, and how it was worked out.
   */
  public describe(): string {
    return describe(this, this.described);
  }

  /**
   * Lets a peer call the model.
   *
   * @throws where it is no Peer.
   */
  public allowFrom(peer: Peer): void {
    this.service.allowFrom(peer);
  }

  /**
   * @internal
   */
  public get _services(): AutoscaledService[] {
    return [this.service];
  }

  /**
   * @internal
   */
  public _address(protocol: ServingProtocol): string {
    if (protocol === ServingProtocol.REST) return this.service.address('http');
    // a connection of gRPC stays with one pod, unless its client knows them all
    return this.service.headlessHost === undefined ? this.service.address('grpc') : this.service.headlessAddress('grpc');
  }
}
