import type { IConstruct } from 'constructs';
import { namespaceOf } from '../private/names';
import { addNotice, warn } from '../private/notices';
import { bytes, formatMemory, quantityOf } from '../private/quantity';
import type { Probe } from '../service';
import type { Endpoints } from './endpoints';
import { METRICS_PATH } from './files/monitoring';
import type { LocalCopy } from './local/local-copy';
import type { TfServingModelProps } from './model-props';
import { remarkFlags } from './remarks-on-flags';
import { generationGap } from './server/gpu-generation';
import { tlsCommand } from './server/server-tls';
import { inWords, versionsMemory } from './serving/budget';
import type { Ground } from './serving/ground';
import { ServingProtocol } from './serving-protocol';
import { mountPaths, type SourceBinding } from './source/binding';
import { holds } from './source/paths';
import type { TensorFlowModel } from './versions/models';
import { remarkVersions } from './versions/remarks';

/** What has been worked out of the models. */
interface Decided {
  readonly models: TensorFlowModel[];
  readonly ground: Ground;
  readonly local?: LocalCopy;
  readonly endpoints: Endpoints;
  /** Host name of the Service. */
  readonly host: string;
  /** Time that loading may take with all its retries. */
  readonly startupSeconds: number;
}

/** Warns of what is allowed, but works other than it reads. */
export function remark(model: IConstruct, props: TfServingModelProps, decided: Decided): void {
  const { models, ground, local } = decided;
  remarkFlags(model, props);
  remarkTls(model, props, decided.host);
  remarkMemory(model, ground);
  const gap = generationGap(props.server, ground.placement);
  if (gap) {
    const wayOut = 'Use a newer release: the first requests wait until the programs are compiled, where that works at all.';
    warn(model, `server: its image ${gap.reason}`, wayOut);
  }
  if (ground.gpu) remarkGpuMemory(model, props, decided);
  if (local) remarkLocalCopy(model, props, local);
  remarkProbes(model, props, decided);
  for (const { binding, prop } of ground.sources) remarkMounts(model, props, prop, binding);
  remarkVersions(model, props, models, ground.sources);
  if (models.some(({ source }) => source.followsVersions) && ground.budget.memory === undefined) {
    warn(
      model,
      'pollInterval: while the server swaps versions it holds two of them, and nothing says whether they fit into its memory',
      "Say what one version takes on disk, modelSize: '1Gi', or in memory, modelMemory: '1Gi'.",
    );
  }
}

function remarkProbes(model: IConstruct, props: TfServingModelProps, { endpoints, models, startupSeconds }: Decided): void {
  const { startupProbe, livenessProbe } = props;
  for (const prop of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
    remarkPage(model, prop, props[prop], { ...endpoints, names: models.map(({ name }) => name) });
  if (startupProbe !== undefined && startupProbe.budgetSeconds < startupSeconds) {
    warn(
      model,
      `startupProbe: it gives up after ${startupProbe.budgetSeconds} s, but loading may take ${startupSeconds} s ('loadTime' and its retries): a loading model is restarted`,
      "Leave it out, or raise its failureThreshold; lower 'loadTime' where the model loads faster.",
    );
  }
  if (livenessProbe?._path !== undefined) {
    warn(
      model,
      'livenessProbe: it takes a thread of the REST server, which a busy server may not have: it is restarted under load',
      'Leave it out, or use Probe.tcpSocket().',
    );
  }
}

function remarkTls(model: IConstruct, { tls, protocols = [] }: TfServingModelProps, host: string): void {
  if (tls === undefined) return;
  const detail = `is the certificate of ${host}, on which the pods wait`;
  addNotice(model, { kind: 'access', text: tlsCommand(namespaceOf(model), tls), detail });
  if (!protocols.includes(ServingProtocol.REST)) return;
  warn(
    model,
    "protocols: 'tls' encrypts gRPC only, since the server has no TLS for REST: its callers send and receive plain text",
    'Write [ServingProtocol.GRPC], or let a service mesh encrypt.',
  );
}

/** What the server answers over HTTP: the pages of models on the port of REST, and the metrics. */
function remarkPage(
  model: IConstruct,
  prop: string,
  probe: Probe | undefined,
  { grpcPort, restPort, names }: Endpoints & { readonly names: string[] },
): void {
  const path = probe?._path;
  if (path === undefined) return;
  const port = probe?._port ?? grpcPort;
  const asked = /^\/v1\/models\/([^/:]+)/.exec(path)?.[1];
  if (port === grpcPort) {
    warn(
      model,
      `${prop}: it asks ${path} over HTTP on port ${port}, where the server speaks gRPC only: nothing ever answers`,
      `Give it port ${restPort}.`,
    );
  } else if (port === restPort && !/^\/v1\/models\/[^/]/.test(path) && path !== METRICS_PATH) {
    warn(
      model,
      `${prop}: the server has no page ${path}, and none for its own health: it answers with an error`,
      "Leave the probe out, or ask '/v1/models/NAME/metadata'.",
    );
  } else if (port === restPort && asked !== undefined && !names.includes(asked)) {
    warn(
      model,
      `${prop}: it asks for a model '${asked}', which the server does not have: it answers 404`,
      `Leave the probe out, or ask '/v1/models/${names[0]}/metadata'.`,
    );
  } else if (port === restPort && prop === 'readinessProbe' && /^\/v1\/models\/[^/]+\/?$/.test(path)) {
    warn(
      model,
      `${prop}: the status of a model, ${path}, answers 200 even when no version of it is left`,
      `Leave the probe out, or ask ${path.replace(/\/$/, '')}/metadata.`,
    );
  }
}

/** The versions alone fit, or the model would have been refused; the rest of the sum is an estimate. */
function remarkMemory(model: IConstruct, { budget: { memory }, resources: { limitMemoryBytes } }: Ground): void {
  if (memory === undefined || memory.total.value <= limitMemoryBytes) return;
  warn(
    model,
    `resources: ${formatMemory(limitMemoryBytes)} of memory is less than the ${formatMemory(memory.total.value)} that are worked out for it (${memory.total.how}): it may be killed while it loads or works`,
    "Raise the memory, or leave it out where 'modelSize' is known; describe() shows the sum.",
  );
}

function remarkLocalCopy(model: IConstruct, { flags = {}, modelSize, localCopy }: TfServingModelProps, local: LocalCopy): void {
  if (modelSize !== undefined && bytes(model.node.path, 'modelSize', modelSize) < local.sizeBytes) {
    warn(
      model,
      `modelSize: ${modelSize} is less than the largest version in ${localCopy}, ${quantityOf(local.sizeBytes)}`,
      'Leave it out.',
    );
  }
  const warm = local.versions.filter(({ warmUpRecords }) => warmUpRecords !== undefined);
  if (flags.enableModelWarmup === false && warm.length > 0) {
    warn(
      model,
      `flags.enableModelWarmup: it is off, but version ${warm.map(({ name }) => name).join(', ')} brings records for it: the first requests are slow`,
      'Leave the flag out.',
    );
  }
  if (flags.numRequestIterationsForWarmup !== undefined && warm.length === 0) {
    warn(
      model,
      `flags.numRequestIterationsForWarmup: no version in ${localCopy} brings records that could be replayed`,
      'Leave the flag out, or write records with every export.',
    );
  }
  const cold = local.versions.filter(({ warmUpRecords }) => warmUpRecords === undefined);
  if (warm.length > 0 && cold.length > 0) {
    warn(
      model,
      `localCopy: version ${cold.map(({ name }) => name).join(', ')} has no records for warm-up, as version ${warm.map(({ name }) => name).join(', ')} has`,
      'Write them with every export: the first requests to a version without them are slow.',
    );
  }
}

function remarkGpuMemory(model: IConstruct, { modelMemory, flags = {} }: TfServingModelProps, { models, ground }: Decided): void {
  const need = versionsMemory(ground.budget.weights);
  const { gpuMemoryBytes } = ground.placement ?? {};
  if (need === undefined || gpuMemoryBytes === undefined) {
    if (!models.some(({ source }) => source.followsVersions)) return;
    warn(
      model,
      'pollInterval: while the server swaps versions the memory of the GPU holds two of them, and a full one ends the server',
      "Keep a version under half of it, or leave out 'pollInterval' so that a new version is a rollout.",
    );
    return;
  }
  const share = flags.perProcessGpuMemoryFraction ?? 1;
  if (need.value <= share * gpuMemoryBytes) return;
  const part = share < 1 ? `${share} x ` : '';
  warn(
    model,
    `${modelMemory === undefined ? 'modelSize' : 'modelMemory'}: ${inWords(need)} is more than the ${part}${formatMemory(gpuMemoryBytes)} of one GPU, and a model runs on one`,
    'Choose an accelerator with more memory, unless parts of the model are placed on the CPU.',
  );
}

function remarkMounts(model: IConstruct, props: TfServingModelProps, prop: string, binding: SourceBinding): void {
  if (!binding.basePath.startsWith('/') || mountPaths(binding).length > 0) return;
  const over = props.volumeMounts?.find(({ mountPath }) => holds(mountPath, binding.basePath));
  if (over === undefined) return;
  warn(
    model,
    `volumeMounts: '${over.mountPath}' hides what the image holds in ${binding.basePath}, so the model must be in the volume '${over.name}'`,
    `Mount it elsewhere if the model${prop === 'source' ? '' : ` of '${prop}'`} is in the image.`,
  );
}
