import { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { invalid } from '../private/errors';
import { warn } from '../private/notices';
import { checkShape, type Shape } from '../private/shape';
import { dnsLabel, portNumber, qualifiedName } from '../private/validate';

/** A port of the Service and the container port behind it. */
export interface PortMapping {
  /**
   * Name of the port, on the Service and on the container.
   *
   * @default 'http'
   */
  readonly name?: string;

  /** Port that callers use. */
  readonly port: number;

  /**
   * Port that the container listens on.
   *
   * @default - equal to `port`
   */
  readonly targetPort?: number;

  /**
   * Protocol hint for gateways and meshes, for example `kubernetes.io/h2c` for gRPC.
   *
   * @default - none
   */
  readonly appProtocol?: string;

  /**
   * Whether the Service has the port. Others are for probes and metrics only.
   *
   * @default true
   */
  readonly published?: boolean;
}

/** A mapping with every default decided. */
export interface ResolvedPort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly appProtocol?: string;
  readonly published: boolean;
}

const SHAPE: Shape<PortMapping> = { name: 'text', port: 'number', targetPort: 'number', appProtocol: 'text', published: 'truth' };

/** Checks the ports together. Throws where a name or number is none, or stands twice. */
export function resolvePorts(where: string, ports: PortMapping[]): ResolvedPort[] {
  if (!Array.isArray(ports) || ports.length === 0) {
    throw invalid(where, 'ports', ports, 'must hold at least one port', 'For example [{ port: 80, targetPort: 8080 }].');
  }
  const resolved = ports.map((mapping, index) => resolvePort(where, `ports[${index}]`, mapping));
  for (const key of ['name', 'targetPort'] as const) {
    const values = resolved.map((mapping) => mapping[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) throw invalid(where, `ports.${key}`, twice, 'stands twice', 'Give each port its own.');
  }
  const published = resolved.filter((mapping) => mapping.published);
  if (published.length === 0)
    throw invalid(where, 'ports', ports, 'must publish at least one port', "Leave 'published' out of the port that callers use.");
  const numbers = published.map(({ port }) => port);
  const twice = numbers.find((port, index) => numbers.indexOf(port) !== index);
  if (twice !== undefined) throw invalid(where, 'ports.port', twice, 'stands twice', 'Give each port its own.');
  return resolved;
}

/** Ports below this one are for root, or for containers whose runtime lifts the rule. */
const FIRST_UNPRIVILEGED_PORT = 1024;

/** Says which ports the container may not be able to listen on. */
export function reportPorts(construct: IConstruct, ports: ResolvedPort[]): void {
  const low = ports.map(({ targetPort }) => targetPort).filter((port) => port < FIRST_UNPRIVILEGED_PORT);
  if (low.length === 0) return;
  warn(
    construct,
    `the container listens on port ${low.join(' and ')} without being root, which containerd before 2.0 does not let it unless told to`,
    "Let it listen on 1024 or above and name that as 'targetPort'; callers keep their port.",
  );
}

function resolvePort(where: string, prop: string, mapping: PortMapping): ResolvedPort {
  checkShape(where, mapping, SHAPE, ['port'], prop);
  const { name = 'http', port, targetPort = port, appProtocol, published = true } = mapping;
  // 15 characters is what a container port's name may have
  dnsLabel(where, `${prop}.name`, name, 15);
  if (name.includes('--')) throw invalid(where, `${prop}.name`, name, "must not hold '--', as container ports have it", "Write one '-'.");
  portNumber(where, `${prop}.port`, port);
  portNumber(where, `${prop}.targetPort`, targetPort);
  if (appProtocol !== undefined) qualifiedName(where, `${prop}.appProtocol`, appProtocol);
  return { name, port, targetPort, appProtocol, published };
}

/** Ports that callers reach. */
export function publishedPorts(ports: ResolvedPort[]): ResolvedPort[] {
  return ports.filter(({ published }) => published);
}

/** A published port by its name, or the first one. Throws where there is none. */
export function publishedPort(where: string, ports: ResolvedPort[], name: string | undefined): ResolvedPort {
  const published = publishedPorts(ports);
  const found = name === undefined ? published[0] : published.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = published.map((port) => port.name).join(', ');
  throw invalid(where, 'port', name, `is no port of the Service (it has ${names})`, 'Choose one of them.');
}

/** Ports as the Service has them; the first one gets the node port. */
export function servicePorts(ports: ResolvedPort[], nodePort?: number): k8s.ServicePort[] {
  return publishedPorts(ports).map(({ name, port, appProtocol }, index) => ({
    name,
    port,
    targetPort: k8s.IntOrString.fromString(name),
    appProtocol,
    nodePort: index === 0 ? nodePort : undefined,
  }));
}
