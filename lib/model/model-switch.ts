import * as kplus from 'cdk8s-plus-27';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Cluster } from '../cluster';
import { invalid } from '../private/errors';
import { INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL, NAME_LABEL } from '../private/labels';
import { namespaceOf, objectName, serviceHost } from '../private/names';
import { addNotice } from '../private/notices';
import { emit } from '../private/objects';
import { checkProps, type Shape } from '../private/shape';
import type { AutoscaledService, Peer } from '../service';
import { ModelBackend } from './model-backend';
import { ServingProtocol } from './serving-protocol';
import { TfServingModel } from './tf-serving-model';

/** Properties of a `ModelSwitch`. */
export interface ModelSwitchProps {
  /** The model that answers. */
  readonly active: TfServingModel;

  /**
   * Models that may answer next, or did before: they run, and their callers may reach them already.
   *
   * @default - none
   */
  readonly idle?: TfServingModel[];

  /**
   * Name of the Service, which stays whichever model answers.
   *
   * @default - the ids on the way from the chart, joined by '-'
   */
  readonly name?: string;
}

const SHAPE: Shape<ModelSwitchProps> = { active: TfServingModel, idle: [TfServingModel], name: 'text' };

/**
 * One Service in front of several servers of the same model, of which one answers: blue and green. The other one is made,
 * loaded and tried beside it, then takes its place by a change of `active`; connections that are open stay with the old one
 * until their clients leave, so keep it for a while. Gateways and callers take the switch for a model.
 */
export class ModelSwitch extends ModelBackend {
  /** The model that answers. */
  public readonly active: TfServingModel;
  /** The workload of the model that answers. */
  public readonly service: AutoscaledService;
  /** Name of the Service. */
  public readonly serviceName: string;
  /** Host name of the Service. */
  public readonly host: string;
  /** Namespace of the models. */
  public readonly namespace: string;
  /** Name by which clients ask for the model. */
  public readonly modelName: string;
  /** Port of gRPC. */
  public readonly grpcPort: number;
  /** Port of REST. */
  public readonly restPort: number;
  /** Protocols that callers may use. */
  public readonly protocols: ServingProtocol[];
  /** Whether callers of gRPC must speak TLS. */
  public readonly encrypted: boolean;

  private readonly models: TfServingModel[];

  /**
   * @throws where the models differ in what callers see of them, or are not together in one namespace of one cluster.
   */
  constructor(scope: Construct, id: string, props: ModelSwitchProps) {
    super(scope, id);
    const where = this.node.path;
    checkProps(new.target === ModelSwitch, where, props, SHAPE, ['active']);
    const { active, idle = [] } = props;
    this.serviceName = objectName(this, props.name);
    this.namespace = namespaceOf(this);
    this.models = [active, ...idle];
    checkPlace(where, this, active);
    idle.forEach((model, index) => checkAlike(where, `idle[${index}]`, model, this.models.slice(0, index + 1)));
    const taken = this.models.find(({ service }) => service.serviceName === this.serviceName);
    if (taken !== undefined) {
      const rule = `is the name of the Service of '${taken.node.path}' itself`;
      throw invalid(where, 'name', this.serviceName, rule, 'Choose another name for one of them.');
    }
    this.active = active;
    this.service = active.service;
    this.modelName = active.modelName;
    this.grpcPort = active.grpcPort;
    this.restPort = active.restPort;
    this.protocols = active.protocols;
    this.encrypted = active.encrypted;
    this.host = serviceHost(this, this.serviceName);
    emit(this, 'Service', k8s.KubeService, { name: this.serviceName, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } }, () =>
      active.service._frontSpec(),
    );
    for (const model of this.models) {
      if (model._certificate === undefined) continue;
      addNotice(this, {
        kind: 'access',
        text: `kubectl -n ${this.namespace} get secret ${model._certificate}`,
        detail: `must hold a certificate for ${this.host} too, by which callers of the switch know ${model.node.id}`,
      });
    }
    for (const { service } of idle) {
      addNotice(this, {
        kind: 'access',
        text: `kubectl -n ${this.namespace} rollout status deployment/${service.name}`,
        detail: `must end well before it becomes the active one of ${this.serviceName}`,
      });
    }
  }

  /**
   * Host and port of gRPC, for clients in the cluster.
   *
   * @throws where the models do not offer gRPC.
   */
  public get grpcAddress(): string {
    return this._address(ServingProtocol.GRPC);
  }

  /**
   * URL of REST up to the model's name, for clients in the cluster.
   *
   * @throws where the models do not offer REST.
   */
  public get restUrl(): string {
    return `http://${this._address(ServingProtocol.REST)}/v1/models/${this.modelName}`;
  }

  /**
   * Lets a peer call all the models, so that a change of the active one finds it let in.
   *
   * @throws where it is no Peer.
   */
  public allowFrom(peer: Peer): void {
    for (const model of this.models) model.allowFrom(peer);
  }

  /** Selects the pods of all the models, for constructs of cdk8s-plus. */
  public override toPodSelectorConfig(): kplus.PodSelectorConfig {
    const labels = { [NAME_LABEL]: this.service._frontSpec().selector?.[NAME_LABEL] as string };
    const instances = kplus.LabelExpression.in(
      INSTANCE_LABEL,
      this._services.map(({ name }) => name),
    );
    const { namespaces } = this.service.toPodSelectorConfig();
    return { labelSelector: kplus.LabelSelector.of({ labels, expressions: [instances] }), namespaces };
  }

  /** The pods of all the models as a peer, for network policies of cdk8s-plus. */
  public override toNetworkPolicyPeerConfig(): kplus.NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelectorConfig() };
  }

  /** The pods of all the models, for network policies of cdk8s-plus. */
  public override toPodSelector(): kplus.IPodSelector | undefined {
    return this;
  }

  /**
   * @internal
   */
  public get _services(): AutoscaledService[] {
    return this.models.map(({ service }) => service);
  }

  /**
   * @internal
   */
  public _address(protocol: ServingProtocol): string {
    const [, port] = this.service.address(protocol === ServingProtocol.REST ? 'http' : 'grpc').split(':');
    return `${this.host}:${port}`;
  }
}

/** Refuses models that a Service of this place cannot lead to. */
function checkPlace(where: string, place: ModelSwitch, active: TfServingModel): void {
  if (Cluster.of(active) !== Cluster.of(place)) {
    throw invalid(where, 'active', active.node.path, 'is on another cluster', 'Create both below the same cluster.');
  }
  if (active.namespace === place.namespace) return;
  const rule = `is in namespace '${active.namespace}', and a Service leads to pods of its own (${place.namespace}) only`;
  throw invalid(where, 'active', active.node.path, rule, 'Create the switch in the chart of the models.');
}

/** What callers rely on, whichever model answers. */
const SEEN: { readonly [what: string]: (model: TfServingModel) => unknown } = {
  modelName: (model) => model.modelName,
  grpcPort: (model) => model.grpcPort,
  restPort: (model) => model.restPort,
  protocols: (model) => [...model.protocols].sort(),
  namespace: (model) => model.namespace,
  versionLabels: ({ _promises }) => _promises.versionLabels,
  otherModels: ({ _promises }) => _promises.otherModels,
  tls: ({ _promises }) => _promises.tls,
};

/** Refuses a model that stands in the switch already, or that callers of the others would not find. */
function checkAlike(where: string, prop: string, model: TfServingModel, others: TfServingModel[]): void {
  const { path } = model.node;
  if (others.includes(model)) throw invalid(where, prop, path, 'stands twice', "Name it once, as 'active' or in 'idle'.");
  const [active] = others;
  if (Cluster.of(model) !== Cluster.of(active)) {
    throw invalid(where, prop, path, 'is on another cluster', 'Create both below the same cluster.');
  }
  for (const [what, of] of Object.entries(SEEN)) {
    const [mine, theirs] = [of(model), of(active)].map((value) => JSON.stringify(value));
    if (mine === theirs) continue;
    const rule = `has the ${what} ${mine} where '${active.node.path}' has ${theirs}: callers would lose the model with the switch`;
    throw invalid(where, prop, path, rule, `Give both the same '${what}'.`);
  }
}
