import { createHash } from 'node:crypto';
import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { invalid } from '../private/errors';
import { MANAGED_BY, MANAGED_BY_LABEL } from '../private/labels';
import { warn } from '../private/notices';
import { emitPlain } from '../private/objects';
import { checkShape } from '../private/shape';
import { dnsLabel, printable } from '../private/validate';

const HASH_LENGTH = 8;
/** Longest name of a ConfigMap to which a hash is still to be added. */
export const CONFIG_MAP_NAME_LENGTH = 63 - HASH_LENGTH - 1;
const MAX_BYTES = 1_048_576;
/** What fits the annotation in which kubectl keeps its last copy of an object, with the copy's own quotes and names. */
const MAX_APPLIED_BYTES = 200_000;

/** Content of a `HashedConfigMap`. */
export interface HashedConfigMapProps {
  /** Name without the hash. */
  readonly name: string;

  /** Files or variables by key: letters, digits, `-`, `_` and `.`. */
  readonly data: { [key: string]: string };
}

/**
 * A ConfigMap whose name ends in a hash of its content, so that a changed content is a new object, the pods that name it
 * roll, and a rollback finds the old content. Kubernetes itself tells no pod that a ConfigMap changed.
 */
export class HashedConfigMap extends Construct {
  /** Name with the hash. */
  public readonly name: string;
  /** The object itself. */
  public readonly apiObject: ApiObject;

  /**
   * @throws where the name or a key is not one that Kubernetes takes, a value is no text, or the content is empty or over 1 MiB.
   */
  constructor(scope: Construct, id: string, props: HashedConfigMapProps) {
    super(scope, id);
    const where = this.node.path;
    checkShape(where, props, { name: 'text', data: 'map' }, ['name', 'data']);
    dnsLabel(where, 'name', props.name, CONFIG_MAP_NAME_LENGTH);
    const entries = Object.entries(props.data).sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length === 0) throw invalid(where, 'data', props.data, 'must hold something', 'Leave the ConfigMap out.');
    for (const [key, value] of entries) {
      if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || /^\.\.?$|^\.\./.test(key) || key === '__proto__') {
        throw invalid(where, 'data key', key, "must consist of letters, digits, '-', '_' and '.'", "For example 'batching_config.txt'.");
      }
      printable(where, `data.${key}`, value);
    }
    const size = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
    if (size > MAX_BYTES) {
      throw invalid(
        where,
        'data',
        `${size} bytes`,
        `must be at most ${MAX_BYTES} bytes`,
        'Split it, or put it into the image or a volume.',
      );
    }
    if (size > MAX_APPLIED_BYTES) {
      warn(
        this,
        `data: ${size} bytes are more than 'kubectl apply' can keep a copy of (256 KiB)`,
        "Apply it with 'kubectl apply --server-side', or put it into the image or a volume.",
      );
    }
    const hash = createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, HASH_LENGTH);
    this.name = `${props.name}-${hash}`;
    this.apiObject = emitPlain(
      this,
      'Resource',
      'ConfigMap',
      { name: this.name, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } },
      { data: Object.fromEntries(entries) },
    );
  }
}
