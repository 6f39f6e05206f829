import Ajv from 'ajv';
import schema from './kubernetes-schema.json';

// the schema is made from that of a server, so that checking it against the one of schemas would tell nothing new;
// making it fast takes longer than all that is judged by it
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, code: { optimize: false } });
// under one name, by which the kinds share what is compiled of their common parts
ajv.addSchema({ $id: 'kubernetes', definitions: schema.definitions });
const kinds: { readonly [kind: string]: { readonly $ref: string } | undefined } = schema.kinds;

/** What the schema of a Kubernetes server says against an object: nothing where it would be read without complaint. */
export function schemaErrors(object: { apiVersion: string; kind: string }): string[] {
  const kind = kinds[`${object.apiVersion}/${object.kind}`];
  const validate = kind && ajv.getSchema(`kubernetes${kind.$ref}`);
  if (!validate) return [`no schema for ${object.apiVersion} ${object.kind}`];
  return validate(object) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${object.kind} ${instancePath} ${message}`);
}
