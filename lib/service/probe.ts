import type { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { invalid } from '../private/errors';
import { plainCopy } from '../private/plain-copy';
import { checkShape, type Shape } from '../private/shape';
import { nonEmpty, portNumber, printable, wholeNumber, wholeSeconds } from '../private/validate';

/** How often a probe asks, and how many answers decide. */
export interface ProbeOptions {
  /**
   * Port of the container to ask: one of the workload's container ports.
   *
   * @default - the container's first port
   */
  readonly port?: number;

  /**
   * Wait before the first question, in whole seconds. Rarely right: a startup probe waits exactly as long as needed.
   *
   * @default - none
   */
  readonly initialDelaySeconds?: Duration;

  /**
   * Time between two questions, in whole seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly periodSeconds?: Duration;

  /**
   * Time after which no answer counts as a failure, in whole seconds.
   *
   * @default Duration.seconds(1)
   */
  readonly timeoutSeconds?: Duration;

  /**
   * Failures in a row that decide.
   *
   * @default 3
   */
  readonly failureThreshold?: number;

  /**
   * Successes in a row that decide; other than 1 only for readiness.
   *
   * @default 1
   */
  readonly successThreshold?: number;

  /**
   * Time that the program gets to end, in whole seconds, where this probe has it restarted. Not for readiness, which ends
   * nothing.
   *
   * @default - that of the pod, which a program that hangs has no use for
   */
  readonly terminationGracePeriod?: Duration;
}

const SHAPE: Shape<ProbeOptions> = {
  port: 'number',
  initialDelaySeconds: 'duration',
  periodSeconds: 'duration',
  timeoutSeconds: 'duration',
  failureThreshold: 'number',
  successThreshold: 'number',
  terminationGracePeriod: 'duration',
};

/** How the kubelet asks a container how it is. */
export class Probe {
  /**
   * An HTTP GET that must answer with 200 to 399.
   *
   * @throws where the path or an option is none.
   */
  public static httpGet(path: string, options: ProbeOptions = {}): Probe {
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw invalid('Probe.httpGet', 'path', path, "must start with '/'", "For example '/health'.");
    }
    printable('Probe.httpGet', 'path', path);
    return new Probe('Probe.httpGet', options, (port) => ({ httpGet: { path, port: k8s.IntOrString.fromNumber(port) } }));
  }

  /**
   * A TCP connection that must open.
   *
   * @throws where an option is none.
   */
  public static tcpSocket(options: ProbeOptions = {}): Probe {
    return new Probe('Probe.tcpSocket', options, (port) => ({ tcpSocket: { port: k8s.IntOrString.fromNumber(port) } }));
  }

  /**
   * A call of the gRPC health service that must answer SERVING.
   *
   * @throws where an option is none.
   */
  public static grpc(options: ProbeOptions = {}): Probe {
    return new Probe('Probe.grpc', options, (port) => ({ grpc: { port } }));
  }

  /**
   * A command in the container that must exit with 0.
   *
   * @throws where the command or an option is none.
   */
  public static exec(command: string[], options: ProbeOptions = {}): Probe {
    if (!Array.isArray(command) || command.length === 0) {
      throw invalid('Probe.exec', 'command', command, 'must hold a program and its arguments', "For example ['/bin/grpc_health_probe'].");
    }
    command.forEach((argument, index) => printable('Probe.exec', `command[${index}]`, argument));
    nonEmpty('Probe.exec', 'command[0]', command[0], '/bin/true');
    if (options?.port !== undefined) {
      throw invalid('Probe.exec', 'port', options.port, 'means nothing to a command', 'Give the port to the command.');
    }
    const program = [...command];
    return new Probe('Probe.exec', options, () => ({ exec: { command: program } }));
  }

  private readonly options: ProbeOptions;

  private constructor(
    where: string,
    options: ProbeOptions,
    private readonly handler: (port: number) => k8s.Probe,
  ) {
    checkShape(where, options, SHAPE, []);
    const { port, periodSeconds, timeoutSeconds, failureThreshold, successThreshold, terminationGracePeriod } = options;
    if (port !== undefined) portNumber(where, 'port', port);
    if (periodSeconds !== undefined) wholeSeconds(where, 'periodSeconds', periodSeconds, 1);
    if (timeoutSeconds !== undefined) wholeSeconds(where, 'timeoutSeconds', timeoutSeconds, 1);
    if (failureThreshold !== undefined) wholeNumber(where, 'failureThreshold', failureThreshold, 1);
    if (successThreshold !== undefined) wholeNumber(where, 'successThreshold', successThreshold, 1);
    if (terminationGracePeriod !== undefined) wholeSeconds(where, 'terminationGracePeriod', terminationGracePeriod, 1);
    this.options = plainCopy(options);
  }

  /** Time until this many failures in a row have been seen: period times threshold. */
  public get budgetSeconds(): number {
    return (
      (this.options.initialDelaySeconds?.toSeconds() ?? 0) +
      (this.options.periodSeconds?.toSeconds() ?? 10) * (this.options.failureThreshold ?? 3)
    );
  }

  /** Successes in a row that decide. */
  public get successThreshold(): number {
    return this.options.successThreshold ?? 1;
  }

  /** Time that the program gets to end where the probe has it restarted, where it differs from the pod's. */
  public get terminationGracePeriod(): Duration | undefined {
    return this.options.terminationGracePeriod;
  }

  /**
   * Whether it calls the gRPC health service.
   *
   * @internal
   */
  public get _grpc(): boolean {
    return this.handler(0).grpc !== undefined;
  }

  /**
   * Path of an HTTP GET, where it is one.
   *
   * @internal
   */
  public get _path(): string | undefined {
    return this.handler(0).httpGet?.path;
  }

  /**
   * @internal
   */
  public get _port(): number | undefined {
    return this.options.port;
  }

  /**
   * @internal
   */
  public _toKube(defaultPort: number): k8s.Probe {
    const { port, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold, successThreshold, terminationGracePeriod } =
      this.options;
    return {
      ...this.handler(port ?? defaultPort),
      initialDelaySeconds: initialDelaySeconds?.toSeconds(),
      periodSeconds: periodSeconds?.toSeconds(),
      timeoutSeconds: timeoutSeconds?.toSeconds(),
      failureThreshold,
      successThreshold,
      terminationGracePeriodSeconds: terminationGracePeriod?.toSeconds(),
    };
  }
}
