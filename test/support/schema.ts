import Ajv from 'ajv';
import schema from './kubernetes-schema.json';

const ajv = new Ajv({ strict: false, allErrors: true });
for (const [kind, reference] of Object.entries(schema.kinds)) {
  ajv.addSchema({ definitions: schema.definitions, ...reference }, kind);
}

/** What the schema of a Kubernetes server says against an object: nothing where it would be read without complaint. */
export function schemaErrors(object: { apiVersion: string; kind: string }): string[] {
  const validate = ajv.getSchema(`${object.apiVersion}/${object.kind}`);
  if (!validate) return [`no schema for ${object.apiVersion} ${object.kind}`];
  return validate(object) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${object.kind} ${instancePath} ${message}`);
}
