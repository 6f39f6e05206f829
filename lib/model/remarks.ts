import type { IConstruct } from 'constructs';
import { namespaceOf } from '../private/names';
import { addNotice, warn } from '../private/notices';
import { bytes, formatMemory } from '../private/quantity';
import { ServingProtocol, type TfServingModelProps } from './model-props';
import { remarkFlags } from './remarks-on-flags';
import { generationGap } from './server/gpu-generation';
import { tlsCommand } from './server/server-tls';
import type { ModelPlacement } from './serving/model-pool';
import { mountPaths, type SourceBinding } from './source/binding';
import { holds } from './source/paths';

/** What the model has worked out. */
interface Decided {
  readonly placement?: ModelPlacement;
  /** Host name of the Service. */
  readonly host: string;
  /** Time that loading may take with all its retries. */
  readonly startupSeconds: number;
}

/** Warns of what is allowed, but works other than it reads. */
export function remark(model: IConstruct, props: TfServingModelProps, binding: SourceBinding, decided: Decided): void {
  remarkFlags(model, props);
  remarkTls(model, props, decided.host);
  const { placement } = decided;
  const gap = generationGap(props.server, placement);
  if (gap) {
    const wayOut = 'Use a newer release: the first requests wait until the programs are compiled, where that works at all.';
    warn(model, `server: its image ${gap.reason}`, wayOut);
  }
  if (placement?.gpu) remarkGpuMemory(model, props, placement.gpuMemoryBytes);
  remarkProbes(model, props, decided.startupSeconds);
  remarkMounts(model, props, binding);
  if (props.source.followsVersions && props.modelMemory === undefined) {
    warn(
      model,
      'pollInterval: while the server swaps versions it holds two of them, and nothing says whether they fit into its memory',
      "Say what one version takes: modelMemory: '1Gi'.",
    );
  }
}

function remarkProbes(model: IConstruct, { startupProbe, livenessProbe }: TfServingModelProps, startupSeconds: number): void {
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

function remarkGpuMemory(model: IConstruct, { modelMemory, source }: TfServingModelProps, gpuMemoryBytes: number | undefined): void {
  if (modelMemory === undefined || gpuMemoryBytes === undefined) {
    if (!source.followsVersions) return;
    warn(
      model,
      'pollInterval: while the server swaps versions the memory of the GPU holds two of them, and a full one ends the server',
      "Keep a version under half of it, or leave out 'pollInterval' so that a new version is a rollout.",
    );
    return;
  }
  const versions = source.followsVersions ? 2 : 1;
  if (versions * bytes(model.node.path, 'modelMemory', modelMemory) <= gpuMemoryBytes) return;
  warn(
    model,
    `modelMemory: ${versions === 2 ? `two versions of ${modelMemory}` : modelMemory} is more than the ${formatMemory(gpuMemoryBytes)} of one GPU, and a model runs on one`,
    'Choose an accelerator with more memory, unless parts of the model are placed on the CPU.',
  );
}

function remarkMounts(model: IConstruct, props: TfServingModelProps, binding: SourceBinding): void {
  if (!binding.basePath.startsWith('/') || mountPaths(binding).length > 0) return;
  const over = props.volumeMounts?.find(({ mountPath }) => holds(mountPath, binding.basePath));
  if (over === undefined) return;
  warn(
    model,
    `volumeMounts: '${over.mountPath}' hides what the image holds in ${binding.basePath}, so the model must be in the volume '${over.name}'`,
    'Mount it elsewhere if the model is in the image.',
  );
}
