/**
 * Reduces the OpenAPI document of a live API server to a JSON schema of the kinds that this library emits: strict on
 * unknown fields, with the enumerations that the published swagger leaves out.
 *
 *     kubectl get --raw /openapi/v2 > openapi.json
 *     node -r @swc-node/register test/support/make-schema.ts openapi.json > test/support/kubernetes-schema.json
 */
import { readFileSync } from 'node:fs';

type Schema = { [key: string]: unknown };

const KINDS: { [kind: string]: string } = {
  'v1/ConfigMap': 'io.k8s.api.core.v1.ConfigMap',
  'v1/Namespace': 'io.k8s.api.core.v1.Namespace',
  'v1/PersistentVolume': 'io.k8s.api.core.v1.PersistentVolume',
  'v1/PersistentVolumeClaim': 'io.k8s.api.core.v1.PersistentVolumeClaim',
  'v1/Service': 'io.k8s.api.core.v1.Service',
  'v1/ServiceAccount': 'io.k8s.api.core.v1.ServiceAccount',
  'apps/v1/Deployment': 'io.k8s.api.apps.v1.Deployment',
  'autoscaling/v2/HorizontalPodAutoscaler': 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'networking.k8s.io/v1/Ingress': 'io.k8s.api.networking.v1.Ingress',
  'networking.k8s.io/v1/NetworkPolicy': 'io.k8s.api.networking.v1.NetworkPolicy',
  'policy/v1/PodDisruptionBudget': 'io.k8s.api.policy.v1.PodDisruptionBudget',
};

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const REPLACED: { [definition: string]: Schema } = {
  [QUANTITY]: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$' },
  [INT_OR_STRING]: { type: ['integer', 'string'] },
};

const document = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const definitions: { [name: string]: Schema } = {};

function reduce(schema: Schema): Schema {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.replace('#/definitions/', '');
    define(name);
    return { $ref: `#/definitions/${name}` };
  }
  const { type, format, properties, required, items, additionalProperties } = schema as { [key: string]: any };
  return {
    ...(type ? { type } : {}),
    ...(format === 'int32' ? { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 } : {}),
    ...(schema.enum ? { enum: schema.enum } : {}),
    ...(required ? { required } : {}),
    ...(items ? { items: reduce(items) } : {}),
    ...(properties
      ? {
          properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, reduce(property as Schema)])),
          additionalProperties: false,
        }
      : {}),
    ...(additionalProperties ? { additionalProperties: reduce(additionalProperties) } : {}),
  };
}

function define(name: string): void {
  if (definitions[name]) return;
  if (REPLACED[name]) {
    definitions[name] = REPLACED[name];
    return;
  }
  definitions[name] = {};
  definitions[name] = reduce(document.definitions[name]);
}

const kinds = Object.fromEntries(Object.entries(KINDS).map(([kind, name]) => [kind, reduce({ $ref: `#/definitions/${name}` })]));
process.stdout.write(`${JSON.stringify({ version: document.info.version, kinds, definitions })}\n`);
