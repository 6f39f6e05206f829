import { ApiObject, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { HttpRouteSpec, HttpRouteSpecRulesMatchesPathType } from '../../imports/gateway.networking.k8s.io';
import { Cluster, Exposure } from '../cluster';
import type { RouteAnswer, RouteNeed } from '../cluster/dialect';
import { ModelBackend, ServingProtocol } from '../model';
import { invalid } from '../private/errors';
import { MANAGED_BY, MANAGED_BY_LABEL } from '../private/labels';
import { objectName } from '../private/names';
import { addNotice, warn } from '../private/notices';
import { emit } from '../private/objects';
import { hasOwn } from '../private/own';
import { checkProps, checkShape, pickProps, type Shape } from '../private/shape';
import { envName, portNumber } from '../private/validate';
import { AutoscaledService, Peer, type PortMapping, type ProgramOptions, ServiceFront } from '../service';
import { DEFAULT_REQUEST_TIMEOUT } from '../service/stopping';
import { PROGRAM_SHAPE } from '../service/workload-shape';
import { type GatewayRouteOptions, type IngressRouteOptions, Route } from './route';

/** Properties of a `ModelGateway`. */
export interface ModelGatewayProps extends ProgramOptions {
  /** The model that it calls. */
  readonly model: ModelBackend;

  /**
   * Environment variable with the model's address as `HOST:PORT`.
   *
   * @default 'TF_SERVING_HOST'
   */
  readonly hostEnv?: string;

  /**
   * Protocol that the gateway speaks with the model, which decides the port in the address.
   *
   * @default - gRPC where the model offers it, else REST
   */
  readonly protocol?: ServingProtocol;

  /**
   * Whether the gateway's program speaks TLS with models that have it, whose certificates are for the host of the address.
   *
   * @default false - a model that has it is refused, unless it is called over REST
   */
  readonly speaksTls?: boolean;

  /**
   * Port that callers use.
   *
   * @default 80
   */
  readonly port?: number;

  /** Port that the gateway's container listens on. */
  readonly targetPort: number;

  /**
   * Ways in from outside over controllers of the cluster.
   *
   * @default - none
   */
  readonly routes?: Route[];
}

const SHAPE: Shape<ModelGatewayProps> = {
  ...PROGRAM_SHAPE,
  model: ModelBackend,
  hostEnv: 'text',
  protocol: 'text',
  speaksTls: 'truth',
  port: 'number',
  targetPort: 'number',
  routes: [Route],
};

/** A route, and how the cluster writes it. */
interface AnsweredRoute {
  readonly route: Route;
  readonly need: RouteNeed;
  readonly answer: RouteAnswer;
}

/**
 * A service of your own in front of models: it learns their addresses from the model objects, and only it may call
 * them. It scales apart from the models.
 */
export class ModelGateway extends ServiceFront {
  /** The workload: Deployment, Service and all around them. */
  public readonly service: AutoscaledService;
  /** Ingress and HTTPRoute objects, in the order of `routes`. */
  public readonly routes: ApiObject[];

  private readonly env: { [name: string]: string };
  private readonly port: number;
  private readonly speaksTls: boolean;

  /**
   * @throws where a prop is out of its range, or the model does not offer the protocol.
   */
  constructor(scope: Construct, id: string, props: ModelGatewayProps) {
    super(scope, id);
    const where = this.node.path;
    checkProps(new.target === ModelGateway, where, props, SHAPE, ['image', 'model', 'targetPort', 'resources']);
    const name = objectName(this, props.name);
    this.port = portNumber(where, 'port', props.port ?? 80);
    portNumber(where, 'targetPort', props.targetPort);
    this.speaksTls = props.speaksTls ?? false;
    this.env = { ...props.env };
    const variables = this.modelVariables(props.model, props.hostEnv ?? 'TF_SERVING_HOST', props.protocol);
    for (const [variable, value] of Object.entries(variables)) this.env[variable] ??= value;

    const routes = this.answered(props.routes ?? [], props.serviceName ?? name, props);
    const drainSeconds = Math.max(0, ...routes.map(({ answer }) => answer.drainSeconds));
    this.service = new AutoscaledService(this, 'Default', {
      ...pickProps(props, PROGRAM_SHAPE),
      preStopSleep: props.preStopSleep ?? this.longerDrain(drainSeconds, props.exposure),
      serviceAnnotations: Object.assign({}, ...routes.map(({ answer }) => answer.serviceAnnotations), props.serviceAnnotations),
      name,
      component: 'model-gateway',
      env: this.env,
      ports: [{ name: 'http', port: this.port, targetPort: props.targetPort, appProtocol: 'http' }, ...this.probePorts(props)],
    });
    this.connect(props.model, props.protocol);
    this.routes = routes.map((route, index) => this.addRoute(route, index));
  }

  /**
   * Lets the gateway call another model, and tells it the address and the model's name, as clients need both.
   *
   * @param hostEnv environment variable with the address. The name stands in the one that has `_MODEL_NAME` in place of
   * `_HOST` at its end, or after it: `DETECTOR_MODEL_NAME` beside `DETECTOR_HOST`.
   * @throws where a variable is taken, or the model does not offer the protocol or is encrypted where `speaksTls` is not set.
   */
  public addModel(model: ModelBackend, hostEnv: string, protocol?: ServingProtocol): void {
    const where = this.node.path;
    checkShape(where, { model, hostEnv, protocol }, { model: ModelBackend, hostEnv: 'text', protocol: 'text' }, ['model', 'hostEnv']);
    const address = addressOf(where, model, protocol, this.speaksTls);
    const nameEnv = modelNameVariable(envName(where, 'hostEnv', hostEnv));
    if (hasOwn(this.env, hostEnv)) throw invalid(where, 'hostEnv', hostEnv, 'is already set', 'Give each model its own variable.');
    if (hasOwn(this.env, nameEnv) && this.env[nameEnv] !== model.modelName) {
      const rule = `needs ${nameEnv} for the model's name (${model.modelName}), which is already set to ${this.env[nameEnv]}`;
      throw invalid(where, 'hostEnv', hostEnv, rule, 'Give each model its own variable.');
    }
    for (const [variable, value] of Object.entries({ [hostEnv]: address, [nameEnv]: model.modelName })) {
      this.env[variable] = value;
      this.service._setVariable(variable, value);
    }
    this.connect(model, protocol);
  }

  private modelVariables(model: ModelBackend, hostEnv: string, protocol: ServingProtocol | undefined): { [name: string]: string } {
    const where = this.node.path;
    envName(where, 'hostEnv', hostEnv);
    if (hasOwn(this.env, hostEnv)) {
      throw invalid(
        where,
        `env.${hostEnv}`,
        this.env[hostEnv],
        'is the variable that carries the address of the model',
        "Remove it from 'env', or choose another 'hostEnv'.",
      );
    }
    return { [hostEnv]: addressOf(where, model, protocol, this.speaksTls), TF_SERVING_MODEL_NAME: model.modelName };
  }

  /** Ports that only probes ask, such as that of a management server, are the container's too. */
  private probePorts(props: ModelGatewayProps): PortMapping[] {
    const asked = [props.startupProbe, props.readinessProbe, props.livenessProbe].map((probe) => probe?._port);
    const others = [...new Set(asked)].filter((port): port is number => port !== undefined && port !== props.targetPort);
    if (others.length > 0) {
      warn(
        this,
        `probes ask port ${others.join(' and ')}, and callers reach port ${props.targetPort}: they judge another server than the one that is called`,
        "Let the probes ask 'targetPort', unless the other port tells how that one is.",
      );
    }
    return others.map((port) => ({ name: `probe-${port}`, port, published: false }));
  }

  private connect(model: ModelBackend, protocol: ServingProtocol | undefined): void {
    if (Cluster.of(model) !== Cluster.of(this)) {
      throw invalid(this.node.path, 'model', model.node.path, 'is on another cluster', 'Create both below the same cluster.');
    }
    const port = protocolOf(model, protocol) === ServingProtocol.GRPC ? model.grpcPort : model.restPort;
    model.allowFrom(Peer.of(this.service));
    for (const service of model._services) this.service.allowTo({ to: Peer.of(service), ports: [port] });
  }

  private answered(routes: Route[], service: string, props: ModelGatewayProps): AnsweredRoute[] {
    const cluster = Cluster.of(this);
    const keys = routes.map((route) =>
      JSON.stringify([route._ingress?.ingressClassName, route._gateway?.gatewayName, route.host, route.path]),
    );
    const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index);
    if (twice >= 0) {
      const { host = 'any host', path } = routes[twice];
      throw invalid(this.node.path, `routes[${twice}]`, `${host}${path}`, 'stands twice', 'Remove one of them.');
    }
    return routes.map((route, index) => {
      const name = index === 0 ? service : `${service}-${index + 1}`;
      const need = route._need({
        name,
        requestSeconds: (props.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT).toSeconds(),
        healthPath: props.readinessProbe?._path,
      });
      return { route, need, answer: cluster._ask(this, (dialect) => dialect.route(need)) };
    });
  }

  /** The routes' own time to leave a stopping pod, where it is longer than that of the exposure. */
  private longerDrain(drainSeconds: number, exposure = Exposure.cluster()): Duration | undefined {
    const exposed = Cluster.of(this)._ask(this, (dialect) => dialect.expose(exposure));
    return drainSeconds > exposed.drainSeconds ? Duration.seconds(drainSeconds) : undefined;
  }

  private addRoute({ route, need, answer }: AnsweredRoute, index: number): ApiObject {
    const id = index === 0 ? 'Route' : `Route${index + 1}`;
    for (const peer of answer.peers) this.service.allowFrom(Peer._answer(peer));
    if (!route._authenticated) {
      warn(
        this,
        `routes: whoever reaches ${route._controller} reaches ${route.host ?? 'any host'}${route.path}, and nothing says that anybody asks who they are`,
        "Let the controller or the gateway do so, and say 'authenticated' in the route.",
      );
    }
    const { ingressClassName, controllerNamespace } = need;
    if (ingressClassName !== undefined && controllerNamespace !== undefined) {
      addNotice(this, {
        kind: 'setup',
        text: `kubectl -n ${controllerNamespace} get pods`,
        detail: `is the controller of ingress class ${ingressClassName}, which routes need`,
      });
    }
    this.attach(id, need.name, answer);
    return route._gateway ? this.httpRoute(id, need.name, route) : this.ingress(id, need.name, route, answer);
  }

  private attach(routeId: string, name: string, { attachments }: RouteAnswer): void {
    const metadata = { name, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } };
    for (const { apiVersion, kind, spec } of attachments) {
      new ApiObject(this, `${routeId}${kind}`, { apiVersion, kind, metadata, spec: spec(this.service.serviceName) });
    }
  }

  private ingress(id: string, name: string, route: Route, answer: RouteAnswer): ApiObject {
    const { tlsSecretName, annotations } = route._ingress as IngressRouteOptions;
    if (tlsSecretName !== undefined) {
      const text = `kubectl -n ${this.service.namespace} create secret tls ${tlsSecretName} --cert=CERTIFICATE_FILE --key=KEY_FILE`;
      addNotice(this, { kind: 'access', text, detail: `is the certificate of ${route.host}` });
    }
    const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };
    this.sayWhere(`kubectl -n ${this.service.namespace} get ingress ${name}`, route);
    return emit(this, id, k8s.KubeIngress, { name, labels, annotations: { ...answer.routeAnnotations, ...annotations } }, () => ({
      ingressClassName: answer.ingressClassName,
      tls: tlsSecretName === undefined ? undefined : [{ hosts: [route.host as string], secretName: tlsSecretName }],
      rules: [
        {
          host: route.host,
          http: {
            paths: [
              { path: route.path, pathType: 'Prefix', backend: { service: { name: this.service.serviceName, port: { name: 'http' } } } },
            ],
          },
        },
      ],
    }));
  }

  private sayWhere(text: string, route: Route): void {
    addNotice(this, { kind: 'reach', text, detail: `shows the address of ${route.host ?? ''}${route.path}` });
  }

  private httpRoute(id: string, name: string, route: Route): ApiObject {
    const { gatewayName, gatewayNamespace } = route._gateway as GatewayRouteOptions;
    this.sayWhere(`kubectl -n ${gatewayNamespace ?? this.service.namespace} get gateway ${gatewayName}`, route);
    // what the API server would fill in is written, since kubectl takes its absence for a change at every apply
    const spec: HttpRouteSpec = {
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: gatewayName, namespace: gatewayNamespace }],
      hostnames: route.host === undefined ? undefined : [route.host],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix' as HttpRouteSpecRulesMatchesPathType, value: route.path } }],
          backendRefs: [{ group: '', kind: 'Service', name: this.service.serviceName, port: this.port, weight: 1 }],
        },
      ],
    };
    return new ApiObject(this, id, {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } },
      spec,
    });
  }
}

function protocolOf(model: ModelBackend, protocol: ServingProtocol | undefined): ServingProtocol {
  return protocol ?? (model.protocols.includes(ServingProtocol.GRPC) ? ServingProtocol.GRPC : ServingProtocol.REST);
}

function modelNameVariable(hostEnv: string): string {
  return `${hostEnv.replace(/_HOST$/, '')}_MODEL_NAME`;
}

function addressOf(where: string, model: ModelBackend, protocol: ServingProtocol | undefined, speaksTls: boolean): string {
  const spoken = protocolOf(model, protocol);
  if (!model.protocols.includes(spoken)) {
    throw invalid(
      where,
      'protocol',
      spoken,
      `is not offered by model '${model.node.path}' (${model.protocols.join(', ')})`,
      "Add it to the model's 'protocols'.",
    );
  }
  if (spoken === ServingProtocol.GRPC && model.encrypted && !speaksTls) {
    throw invalid(
      where,
      'model',
      model.node.path,
      'takes gRPC over TLS only, and nothing says that this program speaks it',
      "Set 'speaksTls' once it does, or leave out 'tls' of the model.",
    );
  }
  return model._address(spoken);
}
