import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { namespaceOf } from '../private/names';
import { lateNotices, type Notice, warn } from '../private/notices';
import { formatMemory } from '../private/quantity';
import { hasPlatformConfig, unknownFlags } from './flags/command-line';
import type { TfServingModelProps } from './model-props';
import { memoryAtOnce } from './serving/checks';
import type { Ground } from './serving/ground';
import type { SourceBinding } from './source/binding';
import { holds } from './source/paths';
import { remarkVersions } from './versions/remarks';
import type { TensorFlowModel } from './versions/served-model';

/** What has been worked out of the models. */
interface Decided {
  readonly models: TensorFlowModel[];
  readonly ground: Ground;
  /** Time that loading may take with all its retries. */
  readonly startupSeconds: number;
}

/** Warns of what is allowed, but works other than it reads. */
export function remark(model: IConstruct, props: TfServingModelProps, { models, ground, startupSeconds }: Decided): void {
  remarkFlags(model, props.extraFlags ?? []);
  if (ground.placement?.gpu) remarkGpuMemory(model, models, ground.placement.gpuMemoryBytes);
  remarkProbes(model, props, startupSeconds);
  models.forEach((served, index) => {
    remarkMounts(model, props, served, ground.bindings[index]);
    remarkSource(model, served, ground.bindings[index]);
  });
  remarkClaims(model, ground.bindings);
  remarkVersions(model, props, models, ground.bindings);
}

function remarkSource(model: IConstruct, { prefix, source, modelMemory }: TensorFlowModel, binding: SourceBinding): void {
  const { listingsPerMonth } = binding;
  if (binding.bucketRoot) {
    warn(
      model,
      `${prefix}source: the server asks for the bucket itself, which takes the permission storage.buckets.get that readers of objects lack`,
      'Put the model into a directory of the bucket, or also grant roles/storage.legacyBucketReader.',
    );
  }
  if (listingsPerMonth !== undefined && listingsPerMonth > 100_000) {
    warn(
      model,
      `pollInterval: each pod lists the bucket ${listingsPerMonth} times a month, and each listing is billed`,
      'Poll every minute or less often.',
    );
  }
  if (source.followsVersions && modelMemory === undefined) {
    warn(
      model,
      'pollInterval: while the server swaps versions it holds two of them, and nothing says whether they fit into its memory',
      "Say what one version takes: modelMemory: '1Gi'.",
    );
  }
}

/** Asks for each claim once, however many models are in it. */
function remarkClaims(model: IConstruct, bindings: SourceBinding[]): void {
  for (const [claimName, volumeRemark] of new Map(bindings.map((binding) => [binding.claimName, binding.volumeRemark]))) {
    if (claimName === undefined) continue;
    lateNotices(model, () => (makesClaim(model, claimName) ? [] : missingClaim(model, claimName, volumeRemark)));
  }
}

/** Whether the app itself makes a claim, with whatever class and volume it says. */
function makesClaim(model: IConstruct, name: string): boolean {
  return model.node.root.node
    .findAll()
    .some(
      (construct) =>
        ApiObject.isApiObject(construct) &&
        construct.kind === 'PersistentVolumeClaim' &&
        construct.name === name &&
        namespaceOf(construct) === namespaceOf(model),
    );
}

function missingClaim(model: IConstruct, name: string, remark: string | undefined): Notice[] {
  const command = `kubectl -n ${namespaceOf(model)} get persistentvolumeclaim ${name}`;
  const found: Notice[] = [{ kind: 'access', text: command, detail: 'is the claim that holds the model' }];
  if (remark === undefined) return found;
  return [...found, { kind: 'warning', text: `source: ${remark}`, detail: 'Make the claim with a class or a volume that has the mode.' }];
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

function remarkFlags(model: IConstruct, extraFlags: string[]): void {
  for (const flag of unknownFlags(extraFlags)) {
    warn(
      model,
      `extraFlags: ${flag} is not a flag that this library knows, and the server ignores what it does not know`,
      'Check its name against the release that the image holds.',
    );
  }
  if (hasPlatformConfig(extraFlags)) {
    warn(
      model,
      'extraFlags: with a platform configuration the server takes the threads of its sessions from there, or else the cores of the node',
      'Set intra_op_parallelism_threads and inter_op_parallelism_threads in its session_config.',
    );
  }
}

function remarkGpuMemory(model: IConstruct, models: TensorFlowModel[], gpuMemoryBytes: number | undefined): void {
  const needed = memoryAtOnce(model.node.path, models);
  if (needed === undefined || gpuMemoryBytes === undefined) {
    if (!models.some(({ source }) => source.followsVersions)) return;
    warn(
      model,
      'pollInterval: while the server swaps versions the memory of the GPU holds two of them, and a full one ends the server',
      "Keep a version under half of it, or leave out 'pollInterval' so that a new version is a rollout.",
    );
    return;
  }
  if (needed.bytes <= gpuMemoryBytes) return;
  warn(
    model,
    `modelMemory: ${needed.text} is more than the ${formatMemory(gpuMemoryBytes)} of one GPU, and a model runs on one`,
    'Choose an accelerator with more memory, unless parts of the model are placed on the CPU.',
  );
}

function remarkMounts(model: IConstruct, props: TfServingModelProps, { prefix }: TensorFlowModel, binding: SourceBinding): void {
  if (!binding.basePath.startsWith('/') || binding.volumeMounts.length > 0) return;
  const over = props.volumeMounts?.find(({ mountPath }) => holds(mountPath, binding.basePath));
  if (over === undefined) return;
  warn(
    model,
    `volumeMounts: '${over.mountPath}' hides what the image holds in ${binding.basePath}, so the model must be in the volume '${over.name}'`,
    `Mount it elsewhere if the model${prefix === '' ? '' : ` of '${prefix}source'`} is in the image.`,
  );
}
