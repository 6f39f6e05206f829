import { k8s } from 'cdk8s-plus-27';
import { invalid } from '../private/errors';
import { checkShape, type Shape } from '../private/shape';

const METRIC: Shape<k8s.MetricSpecV2> = {
  type: 'text',
  containerResource: 'map',
  external: 'map',
  object: 'map',
  pods: 'map',
  resource: 'map',
};
const TARGET: Shape<k8s.MetricTargetV2> = { type: 'text', averageUtilization: 'number', averageValue: k8s.Quantity, value: k8s.Quantity };

/** Field of a target that each type of target reads. */
const TARGET_FIELDS: { readonly [type: string]: 'averageUtilization' | 'averageValue' | 'value' } = {
  Utilization: 'averageUtilization',
  AverageValue: 'averageValue',
  Value: 'value',
};

type Block = Exclude<keyof k8s.MetricSpecV2, 'type'>;

/** What each type of metric reads: its block, and the types of target that it may have. */
const TYPES: { readonly [type: string]: { readonly block: Block; readonly targets: string[] } } = {
  Resource: { block: 'resource', targets: ['Utilization', 'AverageValue'] },
  ContainerResource: { block: 'containerResource', targets: ['Utilization', 'AverageValue'] },
  Pods: { block: 'pods', targets: ['AverageValue'] },
  Object: { block: 'object', targets: ['Value', 'AverageValue'] },
  External: { block: 'external', targets: ['Value', 'AverageValue'] },
};

/**
 * Checks a metric of autoscaling/v2. A block or target that its type does not read is refused by the API server, or taken
 * and never measured.
 */
export function checkMetric(where: string, prop: string, metric: k8s.MetricSpecV2): void {
  checkShape(where, metric, METRIC, ['type'], prop);
  const facts = oneOf(where, `${prop}.type`, metric.type, TYPES);
  const { block } = facts;
  for (const other of Object.keys(metric).filter((key) => key !== 'type' && key !== block)) {
    if (metric[other as Block] === undefined) continue;
    throw invalid(where, `${prop}.${other}`, metric[other as Block], `does not go with type ${metric.type}`, `Write '${block}'.`);
  }
  const name = `${prop}.${block}`;
  switch (block) {
    case 'resource':
      checkShape(where, given(where, name, metric.resource), { name: 'text', target: 'map' }, ['name', 'target'], name);
      break;
    case 'containerResource': {
      const shape: Shape<k8s.ContainerResourceMetricSourceV2> = { name: 'text', container: 'text', target: 'map' };
      checkShape(where, given(where, name, metric.containerResource), shape, ['name', 'container', 'target'], name);
      break;
    }
    case 'object': {
      const shape: Shape<k8s.ObjectMetricSourceV2> = { describedObject: 'map', metric: 'map', target: 'map' };
      checkShape(where, given(where, name, metric.object), shape, ['describedObject', 'metric', 'target'], name);
      break;
    }
    default:
      checkShape(where, given(where, name, metric[block]), { metric: 'map', target: 'map' }, ['metric', 'target'], name);
  }
  const target = metric[block]?.target as k8s.MetricTargetV2;
  checkShape(where, target, TARGET, ['type'], `${name}.target`);
  const field = oneOf(where, `${name}.target.type`, target.type, TARGET_FIELDS, facts.targets);
  if (target[field] === undefined) {
    throw invalid(
      where,
      `${name}.target.${field}`,
      undefined,
      `must stand in a target of type ${target.type}: without it nothing is measured`,
      `Write it, or choose another type.`,
    );
  }
}

function given<Value>(where: string, prop: string, value: Value | undefined): Value {
  if (value === undefined) throw invalid(where, prop, value, 'must say what is measured', 'Its type has no other block.');
  return value;
}

function oneOf<Facts>(
  where: string,
  prop: string,
  type: string,
  facts: { readonly [type: string]: Facts },
  allowed = Object.keys(facts),
): Facts {
  if (!allowed.includes(type)) throw invalid(where, prop, type, `must be ${allowed.join(' or ')}`, 'Mind the capital letters.');
  return facts[type];
}
