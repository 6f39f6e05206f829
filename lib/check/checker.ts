import { invalid } from '../private/errors';
import { checkShape } from '../private/shape';
import { BUDGET_RULES } from './budget-rules';
import { type Finding, Severity } from './finding';
import { GPU_RULES } from './gpu-rules';
import { IDENTITY_RULES } from './identity-rules';
import { reference } from './kube-object';
import { NETWORK_RULES } from './network-rules';
import { ObjectSet } from './object-set';
import { POD_RULES } from './pod-rules';
import { REFERENCE_RULES } from './reference-rules';
import { RETIRED_RULES } from './retired-rules';
import type { Rule } from './rule';
import { SCALING_RULES } from './scaling-rules';
import { SELECTOR_RULES } from './selector-rules';
import { SERVER_RULES } from './server-rules';
import { SHUTDOWN_RULES } from './shutdown-rules';
import { VOLUME_RULES } from './volume-rules';

/** All rules, in the order in which they report. */
export const RULES: Rule[] = [
  ...IDENTITY_RULES,
  ...POD_RULES,
  ...SELECTOR_RULES,
  ...SERVER_RULES,
  ...GPU_RULES,
  ...SCALING_RULES,
  ...BUDGET_RULES,
  ...SHUTDOWN_RULES,
  ...VOLUME_RULES,
  ...NETWORK_RULES,
  ...REFERENCE_RULES,
  ...RETIRED_RULES,
];

/** Properties of a `Checker`. */
export interface CheckerProps {
  /**
   * Ids of rules that do not judge, as findings name them.
   *
   * @default - none: every rule judges
   */
  readonly skip?: string[];
}

/**
 * Judges Kubernetes objects that go to one cluster together, whatever made them: the same rules that `ServingApp.synth()`
 * applies before it writes.
 */
export class Checker {
  private readonly rules: Rule[];

  /**
   * @throws where `skip` names no rule.
   */
  constructor(props: CheckerProps = {}) {
    checkShape('Checker', props, { skip: 'texts' }, []);
    const { skip = [] } = props;
    const known = RULES.map(({ id }) => id);
    const unknown = skip.find((id) => !known.includes(id));
    if (unknown !== undefined) throw invalid('Checker', 'skip', unknown, 'is no rule', `Rules are: ${known.join(', ')}.`);
    this.rules = RULES.filter(({ id }) => !skip.includes(id));
  }

  /**
   * What is wrong with the objects, errors first. The objects of a `List` are judged like any others, and empty documents
   * are passed over; anything else that is no Kubernetes object is itself a finding.
   *
   * @param objects plain objects, as read from YAML or JSON.
   * @throws where it is no list.
   */
  // biome-ignore lint/suspicious/noExplicitAny: objects are judged as they come
  public check(objects: any[]): Finding[] {
    if (!Array.isArray(objects)) throw invalid('Checker.check', 'objects', objects, 'must be a list of objects', 'Write [object].');
    return applyRules(this.rules, objects);
  }
}

/** Judges objects that go to one cluster together by every rule, errors first. */
export function check(objects: readonly unknown[]): Finding[] {
  return applyRules(RULES, objects);
}

export function isError(finding: Finding): boolean {
  return finding.severity === Severity.ERROR;
}

function applyRules(rules: Rule[], objects: readonly unknown[]): Finding[] {
  const set = new ObjectSet(objects);
  const findings = rules.flatMap((rule) =>
    rule.find(set).map(({ object, path, message, fix, severity = rule.severity }): Finding => {
      const { index, prefix } = set.origin(object);
      const place = [prefix, path].filter((part) => part !== '').join('.');
      return { rule: rule.id, severity, object: reference(object), index, path: place || '$', message, fix };
    }),
  );
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
}
