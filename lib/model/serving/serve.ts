import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Exposure } from '../../cluster';
import { warn } from '../../private/notices';
import { pickProps } from '../../private/shape';
import { dnsLabel } from '../../private/validate';
import { AutoscaledService, HashedConfigMap } from '../../service';
import { CONFIG_MAP_NAME_LENGTH } from '../../service/hashed-config-map';
import { egressFromAnswer } from '../../service/peer';
import { WORKLOAD_SHAPE } from '../../service/workload-shape';
import { remarkSources } from '../source/remarks';
import { graceSeconds, type Worked } from './budget';
import type { Ground } from './ground';
import type { ModelOptions } from './model-options';
import type { Metrics, ModelServer, StopBehaviour } from './model-server';
import { checkOwnVariables } from './own-environment';

const CONFIG_VOLUME = 'config';

/** The workload of a model: what its server states, on the ground that was decided for it. */
export function serve(model: Construct, options: ModelOptions, ground: Ground, server: ModelServer): AutoscaledService {
  const { source, placement, sharing } = ground;
  checkOwnVariables(ground.where, options, Object.keys(source.env), 'source');
  if (server.variables) checkOwnVariables(ground.where, options, Object.keys(server.variables.values), server.variables.owner);
  const configuration = configurationOf(model, ground.where, server);
  const service = new AutoscaledService(model, 'Default', {
    ...pickProps(options, WORKLOAD_SHAPE),
    name: ground.name,
    resources: ground.asked,
    component: server.component,
    image: server.image,
    command: server.command,
    args: server.args,
    ports: server.ports,
    placement: {
      ...placement,
      nodeSelector: { 'kubernetes.io/arch': server.architecture, ...placement?.nodeSelector },
      injected: source.injected,
    },
    env: { ...ground.env, ...server.env, ...options.env },
    // of two sets with the same name the last one wins
    envFrom: unlessNone([...(options.envFrom ?? []), ...variablesOf(model, ground.where, server)]),
    volumes: [...configuration.volumes, ...(server.volumes ?? []), ...source.volumes, ...(options.volumes ?? [])],
    volumeMounts: [...configuration.volumeMounts, ...(server.volumeMounts ?? []), ...source.volumeMounts, ...(options.volumeMounts ?? [])],
    serviceAccountAnnotations: { ...source.serviceAccountAnnotations, ...options.serviceAccountAnnotations },
    startupProbe: options.startupProbe ?? server.probes.startup,
    readinessProbe: options.readinessProbe ?? server.probes.readiness,
    livenessProbe: options.livenessProbe ?? server.probes.liveness,
    podAnnotations: { ...scrapeAnnotations(options, server.metrics), ...source.podAnnotations, ...options.podAnnotations },
    ...stopOf(model, options, ground, server),
    requestTimeout: ground.requestTimeout,
    maxSurge: options.maxSurge ?? sharing.maxSurge,
    maxUnavailable: options.maxUnavailable ?? sharing.maxUnavailable,
  });
  for (const answer of source.egress) service._allow(egressFromAnswer(answer));
  if (server.metrics) for (const peer of options.scrapers ?? []) service._allowScraper(peer, server.metrics.port);
  for (const program of [...source.programs, ...(server.programs ?? [])]) service._run(program);
  for (const volume of source.imageVolumes ?? []) service._mountImage(volume);
  if (sharing.together) service._keepTogether();
  remarkSources(model, ground, options);
  return service;
}

function configurationOf(
  model: Construct,
  where: string,
  { files }: ModelServer,
): { volumes: k8s.Volume[]; volumeMounts: k8s.VolumeMount[] } {
  if (files === undefined || Object.keys(files.texts).length === 0) return { volumes: [], volumeMounts: [] };
  const config = new HashedConfigMap(model, 'Config', {
    name: dnsLabel(where, 'configMapName', files.configMapName, CONFIG_MAP_NAME_LENGTH),
    data: files.texts,
  });
  return {
    volumes: [{ name: CONFIG_VOLUME, configMap: { name: config.name } }],
    // the directory, not single files: a subPath mount would never see a change
    volumeMounts: [{ name: CONFIG_VOLUME, mountPath: files.directory, readOnly: true }],
  };
}

function variablesOf(model: Construct, where: string, { variables }: ModelServer): k8s.EnvFromSource[] {
  if (variables === undefined) return [];
  const set = new HashedConfigMap(model, 'Environment', {
    name: dnsLabel(where, variables.owner, variables.configMapName, CONFIG_MAP_NAME_LENGTH),
    data: variables.values,
  });
  return [{ configMapRef: { name: set.name } }];
}

/** What Prometheus reads on pods where it looks for them by annotations. */
function scrapeAnnotations({ scrapers }: ModelOptions, metrics: Metrics | undefined): { [key: string]: string } {
  if (scrapers === undefined || metrics === undefined) return {};
  return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(metrics.port), 'prometheus.io/path': metrics.path };
}

/**
 * How the pods stop. A server that does not heed the signal serves on until it is killed, so everything must have left by
 * then: the last connection may come in while the pod's address is being taken away, lives as long as its client keeps it,
 * and its last call may take as long as the longest request. A hook before the signal would only take its time out of the
 * same period, so there is none.
 */
function stopOf(
  model: Construct,
  options: ModelOptions,
  ground: Ground,
  { stop }: ModelServer,
): { preStopSleep?: Duration; terminationGracePeriod?: Duration } {
  const { terminationGracePeriod } = options;
  if (stop.endsBySignal) return { terminationGracePeriod };
  const requestSeconds = ground.requestTimeout.toSeconds();
  const { value: needed } = graceOf(model, options, ground, stop);
  const ownSeconds = terminationGracePeriod?.toSeconds();
  // what is shorter than a request is reported for every service
  if (ownSeconds !== undefined && ownSeconds < needed && ownSeconds >= requestSeconds) {
    warn(
      model,
      `terminationGracePeriod is ${ownSeconds} s, but the last request may end ${needed} s after the stop began, and the server serves until it is killed: it is cut off`,
      `Raise it to ${needed} s, or lower 'requestTimeout'.`,
    );
  }
  return { preStopSleep: Duration.seconds(0), terminationGracePeriod: terminationGracePeriod ?? Duration.seconds(needed) };
}

/** Time in which everybody has left a server that does not heed the signal. */
export function graceOf(
  model: Construct,
  { exposure = Exposure.cluster() }: ModelOptions,
  { cluster, requestTimeout }: Ground,
  { connectionSeconds }: StopBehaviour,
): Worked {
  const { drainSeconds } = cluster._ask(model, (dialect) => dialect.expose(exposure));
  return graceSeconds({ drainSeconds, connectionSeconds, requestSeconds: requestTimeout.toSeconds() });
}

function unlessNone<T>(items: T[]): T[] | undefined {
  return items.length > 0 ? items : undefined;
}
