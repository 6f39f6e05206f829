import { textProto } from './text-proto';

/** The server's monitoring_config_file. */
export function monitoringFile(): string {
  return textProto({ prometheus_config: { enable: true, path: METRICS_PATH } });
}

/** Path of the metrics on the REST port. */
export const METRICS_PATH = '/monitoring/prometheus/metrics';
