import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { namespaceOf } from '../../private/names';
import { addNotice, lateNotices, type Notice, warn } from '../../private/notices';
import { overruled } from '../../private/overruled';
import type { WorkloadOptions } from '../../service';
import type { SourceBinding } from './binding';

/** Says what the source takes besides its objects, and warns of what works other than it reads. */
export function remarkSource(model: IConstruct, source: SourceBinding, options: WorkloadOptions): void {
  const { setup = [], imageCommand, access, warning, listingsPerMonth, claimName, volumeRemark, privateHost, bucketRoot } = source;
  for (const { command, purpose } of setup) addNotice(model, { kind: 'setup', text: command, detail: purpose });
  if (imageCommand !== undefined) addNotice(model, { kind: 'image', text: imageCommand, detail: 'brings the model to the cluster' });
  for (const { command, purpose } of access) addNotice(model, { kind: 'access', text: command, detail: purpose });
  if (warning !== undefined) warn(model, `source: ${warning.what}`, warning.wayOut);
  for (const { key, value, instead } of overruled(source.podAnnotations, options.podAnnotations)) {
    warn(
      model,
      `podAnnotations: ${key} is '${value}', where 'source' says '${instead}'`,
      'Say it in the options of the source, or leave the annotation out.',
    );
  }
  if (claimName !== undefined) {
    lateNotices(model, () => (makesClaim(model, claimName) ? [] : missingClaim(model, claimName, volumeRemark)));
  }
  if (privateHost !== undefined && !options.egress?.length) {
    warn(
      model,
      `source: '${privateHost}' is no public host, and the network policy lets the pods call none of the cluster`,
      "Name where it stands and the port of its pods in 'egress', for example { to: Peer.namespace('storage'), ports: [9000] }.",
    );
  }
  if (bucketRoot) {
    warn(
      model,
      'source: the server asks for the bucket itself, which takes the permission storage.buckets.get that readers of objects lack',
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

function missingClaim(model: IConstruct, name: string, remark: string | undefined): Notice[] {
  const command = `kubectl -n ${namespaceOf(model)} get persistentvolumeclaim ${name}`;
  const found: Notice[] = [{ kind: 'access', text: command, detail: 'is the claim that holds the model' }];
  if (remark === undefined) return found;
  return [...found, { kind: 'warning', text: `source: ${remark}`, detail: 'Make the claim with a class or a volume that has the mode.' }];
}
