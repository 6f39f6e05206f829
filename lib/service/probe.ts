import type { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { invalid } from '../private/errors';
import { nonEmpty, portNumber, printable, wholeNumber } from '../private/validate';

/** How often a probe asks, and how many answers decide. */
export interface ProbeOptions {
  /**
   * Port of the container to ask.
   *
   * @default - the container's first port
   */
  readonly port?: number;

  /**
   * Wait before the first question. Rarely right: a startup probe waits exactly as long as needed.
   *
   * @default - none
   */
  readonly initialDelaySeconds?: Duration;

  /**
   * Time between two questions.
   *
   * @default Duration.seconds(10)
   */
  readonly periodSeconds?: Duration;

  /**
   * Time after which no answer counts as a failure.
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
}

/** How the kubelet asks a container how it is. */
export class Probe {
  /** An HTTP GET that must answer with 200 to 399. */
  public static httpGet(path: string, options: ProbeOptions = {}): Probe {
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw invalid('Probe.httpGet', 'path', path, "must start with '/'", "For example '/health'.");
    }
    printable('Probe.httpGet', 'path', path);
    return new Probe((port) => ({ httpGet: { path, port: k8s.IntOrString.fromNumber(port) } }), options);
  }

  /** A TCP connection that must open. */
  public static tcpSocket(options: ProbeOptions = {}): Probe {
    return new Probe((port) => ({ tcpSocket: { port: k8s.IntOrString.fromNumber(port) } }), options);
  }

  /** A call of the gRPC health service that must answer SERVING. */
  public static grpc(options: ProbeOptions = {}): Probe {
    return new Probe((port) => ({ grpc: { port } }), options);
  }

  /** A command in the container that must exit with 0. */
  public static exec(command: string[], options: ProbeOptions = {}): Probe {
    if (!Array.isArray(command) || command.length === 0) {
      throw invalid('Probe.exec', 'command', command, 'must hold a program and its arguments', "For example ['/bin/grpc_health_probe'].");
    }
    command.forEach((argument, index) => printable('Probe.exec', `command[${index}]`, argument));
    nonEmpty('Probe.exec', 'command[0]', command[0], '/bin/true');
    return new Probe(() => ({ exec: { command: [...command] } }), options);
  }

  private constructor(
    private readonly handler: (port: number) => k8s.Probe,
    private readonly options: ProbeOptions,
  ) {
    if (options.port !== undefined) portNumber('Probe', 'port', options.port);
    if (options.failureThreshold !== undefined) wholeNumber('Probe', 'failureThreshold', options.failureThreshold, 1);
    if (options.successThreshold !== undefined) wholeNumber('Probe', 'successThreshold', options.successThreshold, 1);
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
  public _toKube(defaultPort: number): k8s.Probe {
    const { port, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold, successThreshold } = this.options;
    return {
      ...this.handler(port ?? defaultPort),
      initialDelaySeconds: initialDelaySeconds?.toSeconds(),
      periodSeconds: periodSeconds?.toSeconds(),
      timeoutSeconds: timeoutSeconds?.toSeconds(),
      failureThreshold,
      successThreshold,
    };
  }
}
