import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';

/** Metadata that our objects carry. */
export interface ObjectMetadata {
  readonly name: string;
  readonly labels?: { [key: string]: string };
  readonly annotations?: { [key: string]: string };
}

/** A generated `Kube*` class, of which only the names and the serializer are used. */
interface KubeClass<Spec> {
  readonly GVK: { readonly apiVersion: string; readonly kind: string };
  manifest(props: { spec?: Spec }): { spec?: unknown };
}

/**
 * Emits an object whose spec a `Kube*` class types, as a raw `ApiObject`: the generated classes drop every field that
 * is newer than their Kubernetes minor when a user patches them, a raw object takes patches verbatim. The spec is
 * produced at synthesis, so that what is added to a construct later still counts.
 *
 * @param addNewerFields adds to the rendered spec what the types of that minor do not know yet.
 */
export function emit<Spec>(
  scope: Construct,
  id: string,
  kind: KubeClass<Spec>,
  metadata: ObjectMetadata,
  spec: () => Spec,
  // biome-ignore lint/suspicious/noExplicitAny: it adds fields that no type has
  addNewerFields: (spec: any) => void = () => {},
): ApiObject {
  const produce = () => {
    const rendered = withoutEmptyLists(kind.manifest({ spec: spec() }).spec);
    addNewerFields(rendered);
    return rendered;
  };
  return new ApiObject(scope, id, { ...kind.GVK, metadata: compact(metadata), spec: Lazy.any({ produce }) });
}

/** Emits an object without a spec (ConfigMap, ServiceAccount) with its fields as they are. */
export function emitPlain(scope: Construct, id: string, kind: string, metadata: ObjectMetadata, fields: object = {}): ApiObject {
  return new ApiObject(scope, id, { apiVersion: 'v1', kind, metadata: compact(metadata), ...fields });
}

/** The API server forgets empty lists, so that writing one would be a change at every apply. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries: [string, unknown][] = [];
  for (const [key, entry] of Object.entries(value)) {
    if (!Array.isArray(entry) || entry.length > 0) entries.push([key, withoutEmptyLists(entry)]);
  }
  return Object.fromEntries(entries);
}

/** The map, or undefined where it is empty, so that no empty map is written. */
export function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value !== undefined && Object.keys(value).length > 0 ? value : undefined;
}

function compact({ name, labels, annotations }: ObjectMetadata): ObjectMetadata {
  return { name, labels: unlessEmpty(labels), annotations: unlessEmpty(annotations) };
}
