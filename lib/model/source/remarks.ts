import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { namespaceOf } from '../../private/names';
import { addNotice, lateNotices, type Notice, warn } from '../../private/notices';
import { overruled } from '../../private/overruled';
import type { WorkloadOptions } from '../../service';
import type { PodNeeds } from './binding';
import { enterClaim, sharedClaim } from './claims-alone';
import type { PodSource } from './merge';

/** The sources of a pod: each by itself, and what they need together. */
interface Sources {
  readonly source: PodNeeds;
  readonly sources: PodSource[];
}

/** Says what the sources take besides their objects, and warns of what works other than it reads. */
export function remarkSources(model: IConstruct, { source, sources }: Sources, options: WorkloadOptions): void {
  const { setup = [], imageCommands = [], access } = source;
  for (const { command, purpose } of setup) addNotice(model, { kind: 'setup', text: command, detail: purpose });
  for (const command of imageCommands) addNotice(model, { kind: 'image', text: command, detail: 'brings the model to the cluster' });
  for (const { command, purpose } of access) addNotice(model, { kind: 'access', text: command, detail: purpose });
  for (const { key, value, instead } of overruled(source.podAnnotations, options.podAnnotations)) {
    warn(
      model,
      `podAnnotations: ${key} is '${value}', where 'source' says '${instead}'`,
      'Say it in the options of the source, or leave the annotation out.',
    );
  }
  for (const one of sources) {
    enterClaim(model, one);
    remarkSource(model, one, options);
  }
  lateNotices(model, () => sources.flatMap((one) => sharedClaim(model, one)));
  // each claim once, however many models are in it
  for (const [claimName, { binding, prop }] of new Map(sources.map((one) => [one.binding.claimName, one]))) {
    if (claimName === undefined) continue;
    lateNotices(model, () => (makesClaim(model, claimName) ? [] : missingClaim(model, claimName, prop, binding.volumeRemark)));
  }
}

function remarkSource(model: IConstruct, { prop, binding }: PodSource, { egress = [] }: WorkloadOptions): void {
  const { warning, listingsPerMonth, privateHost, bucketRoot } = binding;
  if (warning !== undefined) warn(model, `${prop}: ${warning.what}`, warning.wayOut);
  if (privateHost !== undefined && egress.length === 0) {
    warn(
      model,
      `${prop}: '${privateHost}' is no public host, and the network policy lets the pods call none of the cluster`,
      "Name where it stands and the port of its pods in 'egress', for example { to: Peer.namespace('storage'), ports: [9000] }.",
    );
  }
  if (bucketRoot) {
    warn(
      model,
      `${prop}: the server asks for the bucket itself, which takes the permission storage.buckets.get that readers of objects lack`,
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

function missingClaim(model: IConstruct, name: string, prop: string, remark: string | undefined): Notice[] {
  const command = `kubectl -n ${namespaceOf(model)} get persistentvolumeclaim ${name}`;
  const found: Notice[] = [{ kind: 'access', text: command, detail: 'is the claim that holds the model' }];
  if (remark === undefined) return found;
  return [...found, { kind: 'warning', text: `${prop}: ${remark}`, detail: 'Make the claim with a class or a volume that has the mode.' }];
}
