import { invalid } from '../private/errors';
import { dnsLabel, portNumber } from '../private/validate';

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

/** Checks the ports together. Throws where a name or number is none, or stands twice. */
export function resolvePorts(where: string, ports: PortMapping[]): ResolvedPort[] {
  if (!Array.isArray(ports) || ports.length === 0) {
    throw invalid(where, 'ports', ports, 'must hold at least one port', 'For example [{ port: 80, targetPort: 8080 }].');
  }
  const resolved = ports.map((mapping) => ({
    // 15 characters is what a container port's name may have
    name: dnsLabel(where, 'ports.name', mapping.name ?? 'http', 15),
    port: portNumber(where, 'ports.port', mapping.port),
    targetPort: portNumber(where, 'ports.targetPort', mapping.targetPort ?? mapping.port),
    appProtocol: mapping.appProtocol,
    published: mapping.published ?? true,
  }));
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
