import { Duration } from 'cdk8s';
import { Probe } from '../service';
import type { Endpoints } from './endpoints';
import { FLAGS } from './flags/flag-table';
import type { TfServingModelProps } from './model-props';
import type { ServerRelease } from './server/server-release';
import { STARTUP_PERIOD_SECONDS } from './serving/budget';
import type { TensorFlowModel } from './versions/models';
import { questionsOf } from './versions/questions';
import { readinessCommand } from './versions/readiness-script';

/** First release with the health service of gRPC. */
export const HEALTH_SERVICE_SINCE = FLAGS.enable_grpc_healthcheck_service.since;

/** First release that answers what a model takes and gives, which only a loaded one can. */
const METADATA_SINCE = '1.12.0';

/** A server that never came up, or hangs, has no request to end: the pod's grace period would only keep the next one away. */
const NOTHING_TO_END = Duration.seconds(5);

/** Whether the model has been loaded: both ports open only after that, and after its warm-up. */
export function startupProbe(grpcPort: number, budgetSeconds: number): Probe {
  return Probe.tcpSocket({
    port: grpcPort,
    periodSeconds: Duration.seconds(STARTUP_PERIOD_SECONDS),
    failureThreshold: budgetSeconds / STARTUP_PERIOD_SECONDS,
    terminationGracePeriod: NOTHING_TO_END,
  });
}

/** Whether all models can predict, with all versions that are promised. */
export function readinessProbe(release: ServerRelease, ports: Endpoints, models: TensorFlowModel[]): Probe {
  const pace = { periodSeconds: Duration.seconds(10), timeoutSeconds: Duration.seconds(5), failureThreshold: 3 };
  if (!release.atLeast(METADATA_SINCE)) return Probe.tcpSocket({ port: ports.grpcPort, ...pace });
  const questions = questionsOf(models, release);
  const [{ path, listsVersions }] = questions;
  if (questions.length === 1 && !listsVersions) return Probe.httpGet(path, { port: ports.restPort, ...pace });
  return Probe.exec(readinessCommand(ports.restPort, questions), pace);
}

/** Whether the server answers the kubelet's questions of gRPC health, which are never encrypted. */
export function answersHealth({ server, tls, flags }: TfServingModelProps): boolean {
  return server._release.atLeast(HEALTH_SERVICE_SINCE) && tls === undefined && flags?.enableGrpcHealthcheckService !== false;
}

/**
 * Whether the server lives. Not over REST, whose threads a busy server may not have. The health service of gRPC tells a
 * server that hangs from one that is busy; a connection alone opens even then, since the kernel accepts it.
 */
export function livenessProbe(grpcPort: number, answers: boolean): Probe {
  const pace = {
    port: grpcPort,
    periodSeconds: Duration.seconds(20),
    timeoutSeconds: Duration.seconds(10),
    failureThreshold: 3,
    terminationGracePeriod: NOTHING_TO_END,
  };
  return answers ? Probe.grpc(pace) : Probe.tcpSocket(pace);
}
