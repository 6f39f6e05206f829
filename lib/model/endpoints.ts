import { invalid } from '../private/errors';
import { portNumber } from '../private/validate';
import type { PortMapping } from '../service';
import { FLAGS } from './flags/flag-table';
import type { TfServingModelProps } from './model-props';
import { ServingProtocol } from './serving-protocol';

/** Where the server listens, and which of it callers may use. */
export interface Endpoints {
  readonly grpcPort: number;
  readonly restPort: number;
  readonly protocols: ServingProtocol[];
  /** Whether the release has REST at all. */
  readonly hasRest: boolean;
  /** Whether gRPC speaks TLS alone. */
  readonly encrypted: boolean;
}

/** Ports and protocols by the props. Throws where two ports are one, or callers are promised what the release lacks. */
export function endpointsOf(where: string, props: TfServingModelProps): Endpoints {
  const grpcPort = portNumber(where, 'grpcPort', props.grpcPort ?? 8500);
  const restPort = portNumber(where, 'restPort', props.restPort ?? 8501);
  if (grpcPort === restPort) {
    throw invalid(where, 'restPort', restPort, "must differ from 'grpcPort': the server would run without REST", 'Choose another port.');
  }
  const hasRest = props.server._release.atLeast(FLAGS.rest_api_port.since);
  return { grpcPort, restPort, hasRest, encrypted: props.tls !== undefined, protocols: protocolsOf(where, props, hasRest) };
}

/** The ports of the container and the Service. */
export function portMappings({ grpcPort, restPort, protocols, hasRest, encrypted }: Endpoints): PortMapping[] {
  const grpc = {
    name: 'grpc',
    port: grpcPort,
    // the only name of a registry for HTTP/2 inside of TLS
    appProtocol: encrypted ? 'https' : 'kubernetes.io/h2c',
    published: protocols.includes(ServingProtocol.GRPC),
  };
  const rest = { name: 'http', port: restPort, appProtocol: 'http', published: protocols.includes(ServingProtocol.REST) };
  return hasRest ? [grpc, rest] : [grpc];
}

function protocolsOf(where: string, props: TfServingModelProps, hasRest: boolean): ServingProtocol[] {
  const offered = props.tls ? [ServingProtocol.GRPC] : [ServingProtocol.GRPC, ServingProtocol.REST];
  const { protocols = offered } = props;
  const unknown = protocols.find((protocol) => !Object.values(ServingProtocol).includes(protocol));
  if (unknown !== undefined) throw invalid(where, 'protocols', unknown, 'is no ServingProtocol', 'Write [ServingProtocol.GRPC].');
  if (protocols.length === 0) {
    throw invalid(where, 'protocols', protocols, 'must name at least one protocol', 'Leave it out for both.');
  }
  if (!hasRest && protocols.includes(ServingProtocol.REST)) {
    throw invalid(
      where,
      'protocols',
      protocols,
      `cannot hold REST: TensorFlow Serving ${props.server._release} has none`,
      'Write [ServingProtocol.GRPC], or use release 1.8 or newer.',
    );
  }
  if (props.tls && !protocols.includes(ServingProtocol.GRPC)) {
    const rule = "leave out gRPC, the only one that 'tls' encrypts: callers would reach plain REST";
    throw invalid(where, 'protocols', protocols, rule, "Add ServingProtocol.GRPC, or leave out 'tls'.");
  }
  return [...new Set(protocols)];
}
