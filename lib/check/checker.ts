import { type Finding, type KubeObject, ObjectSet, type Rule, Severity } from './finding';
import { IDENTITY_RULES } from './identity-rules';
import { NETWORK_RULES } from './network-rules';
import { POD_RULES } from './pod-rules';
import { REFERENCE_RULES } from './reference-rules';
import { SCALING_RULES } from './scaling-rules';

/** All rules, in the order in which they report. */
export const RULES: Rule[] = [...IDENTITY_RULES, ...POD_RULES, ...SCALING_RULES, ...NETWORK_RULES, ...REFERENCE_RULES];

/** Judges objects that go to one cluster together, errors first. */
export function check(objects: KubeObject[]): Finding[] {
  const set = new ObjectSet(objects);
  const findings = RULES.flatMap((rule) => rule.find(set).map((finding) => ({ rule: rule.id, severity: rule.severity, ...finding })));
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
}

export function isError(finding: Finding): boolean {
  return finding.severity === Severity.ERROR;
}
