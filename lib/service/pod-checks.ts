import type { k8s } from 'cdk8s-plus-27';
import type { ImageAnswer } from '../cluster/dialect';
import { invalid } from '../private/errors';
import { SELECTOR_LABELS } from '../private/labels';
import { hasOwn } from '../private/own';
import { checkShape, type Shape } from '../private/shape';
import {
  annotations,
  dnsSubdomain,
  envName,
  labels,
  labelValue,
  printable,
  qualifiedName,
  wholeNumber,
  wholeSeconds,
} from '../private/validate';
import { checkVolumes } from './pod-volumes';
import type { ResolvedPort } from './port-mapping';
import type { WorkloadOptions } from './workload-options';

const VARIABLE: Shape<k8s.EnvVar> = { name: 'text', value: 'text', valueFrom: 'map' };
const VALUE_FROM: Shape<k8s.EnvVarSource> = { configMapKeyRef: 'map', fieldRef: 'map', resourceFieldRef: 'map', secretKeyRef: 'map' };
const VARIABLES: Shape<k8s.EnvFromSource> = { prefix: 'text', configMapRef: 'map', secretRef: 'map' };
const TOLERATION: Shape<k8s.Toleration> = { key: 'text', operator: 'text', value: 'text', effect: 'text', tolerationSeconds: 'number' };
/** Longest start-up: the rollout's deadline follows from it, in 32-bit seconds. */
const LONGEST_START_SECONDS = 30 * 24 * 3600;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Checks everything of the options that ends up in the pod. */
export function checkPodOptions(where: string, options: WorkloadOptions): void {
  checkEnvironment(where, options);
  for (const prop of ['podLabels', 'nodeSelector'] as const) {
    if (options[prop]) labels(where, prop, options[prop]);
  }
  for (const key of SELECTOR_LABELS) {
    if (options.podLabels && hasOwn(options.podLabels, key)) {
      throw invalid(where, 'podLabels', key, 'is the label that the selectors use, which cannot change in a cluster', 'Use another key.');
    }
  }
  for (const prop of ['podAnnotations', 'serviceAnnotations', 'serviceAccountAnnotations'] as const) {
    if (options[prop]) annotations(where, prop, options[prop]);
  }
  if (options.requestTimeout !== undefined) wholeSeconds(where, 'requestTimeout', options.requestTimeout, 1);
  options.imagePullSecrets?.forEach((secret, index, secrets) => {
    dnsSubdomain(where, 'imagePullSecrets', secret);
    // a server-side apply refuses the list
    if (secrets.indexOf(secret) !== index) throw invalid(where, 'imagePullSecrets', secret, 'stands twice', 'Name it once.');
  });
  if (options.priorityClassName !== undefined) dnsSubdomain(where, 'priorityClassName', options.priorityClassName);
  if (options.imagePullPolicy !== undefined && !['IfNotPresent', 'Always', 'Never'].includes(options.imagePullPolicy)) {
    throw invalid(
      where,
      'imagePullPolicy',
      options.imagePullPolicy,
      'must be IfNotPresent, Always or Never',
      'Leave it out to let the cluster decide.',
    );
  }
  if (options.runAsUser === 0) {
    throw invalid(
      where,
      'runAsUser',
      0,
      'must not be root: Pod Security "restricted" refuses such pods',
      'Choose the user that the image is made for.',
    );
  }
  if (options.runAsUser !== undefined) wholeNumber(where, 'runAsUser', options.runAsUser, 1);
  if (options.runAsGroup !== undefined) wholeNumber(where, 'runAsGroup', options.runAsGroup, 0);
  if (options.fsGroup !== undefined) wholeNumber(where, 'fsGroup', options.fsGroup, 0);
  options.tolerations?.forEach((toleration, index) => checkToleration(where, `tolerations[${index}]`, toleration));
  checkVolumes(where, options);
}

/**
 * Refuses labels of nodes that contradict those that a pool or an image decides: no node has both values.
 */
export function checkNodeSelector(where: string, decided: { [key: string]: string } = {}, wanted: { [key: string]: string } = {}): void {
  for (const [key, value] of Object.entries(wanted)) {
    if (!hasOwn(decided, key) || decided[key] === value) continue;
    throw invalid(
      where,
      `nodeSelector.${key}`,
      value,
      `contradicts '${decided[key]}', which the pool or the image decides, so that the pods would fit no node`,
      'Remove it, or choose another pool or image.',
    );
  }
}

/** Refuses a pull policy by which the image would never be found. */
export function checkPullPolicy(where: string, policy: string | undefined, { reference, sideLoaded }: ImageAnswer): void {
  if (!sideLoaded || policy !== 'Always') return;
  throw invalid(
    where,
    'imagePullPolicy',
    policy,
    `would ask a registry for ${reference}, which is loaded into the nodes and stands in none`,
    'Leave it out to let the cluster decide.',
  );
}

/**
 * Refuses probes that the API server refuses, and those that it takes and that never succeed: nothing listens on a port
 * that the container does not have.
 */
export function checkProbes(where: string, options: WorkloadOptions, ports: ResolvedPort[]): void {
  for (const prop of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
    const probe = options[prop];
    if (probe === undefined) continue;
    if (prop !== 'readinessProbe' && probe.successThreshold !== 1) {
      throw invalid(
        where,
        `${prop}.successThreshold`,
        probe.successThreshold,
        'must be 1: only readiness may ask for more',
        'Leave it out.',
      );
    }
    if (prop === 'readinessProbe' && probe.terminationGracePeriod !== undefined) {
      const seconds = `${probe.terminationGracePeriod.toSeconds()} s`;
      throw invalid(where, `${prop}.terminationGracePeriod`, seconds, 'means nothing: readiness ends no program', 'Leave it out.');
    }
    if (prop === 'startupProbe' && probe.budgetSeconds > LONGEST_START_SECONDS) {
      const rule = 'must decide within 30 days: its period times its failureThreshold is longer';
      throw invalid(where, prop, `${probe.budgetSeconds} s`, rule, "Lower 'failureThreshold'.");
    }
    const port = probe._port;
    if (port === undefined || ports.some(({ targetPort }) => targetPort === port)) continue;
    throw invalid(
      where,
      `${prop}.port`,
      port,
      `is no port of the container (it has ${ports.map(({ targetPort }) => targetPort).join(', ')})`,
      "Choose one of them; an AutoscaledService may have others in 'ports' with published: false.",
    );
  }
}

function checkEnvironment(where: string, { env = {}, envVars = [], envFrom = [] }: WorkloadOptions): void {
  for (const [name, value] of Object.entries(env)) {
    envName(where, 'env', name);
    printable(where, `env.${name}`, value);
  }
  const names = new Set<string>();
  envVars.forEach((variable, index) => {
    const prop = `envVars[${index}]`;
    checkShape(where, variable, VARIABLE, ['name'], prop);
    const { name, value, valueFrom } = variable;
    envName(where, `${prop}.name`, name);
    if (value !== undefined) printable(where, `${prop}.value`, value);
    if (hasOwn(env, name)) throw invalid(where, `${prop}.name`, name, "also stands in 'env'", 'Set it in one of them.');
    if (names.has(name)) throw invalid(where, `${prop}.name`, name, 'stands twice: the last one would silently win', 'Set it once.');
    names.add(name);
    if (valueFrom === undefined) return;
    if (value !== undefined) throw invalid(where, `${prop}.value`, value, "cannot stand beside 'valueFrom'", 'Remove one of them.');
    checkShape(where, valueFrom, VALUE_FROM, [], `${prop}.valueFrom`);
    oneOf(where, `${prop}.valueFrom`, valueFrom, Object.keys(VALUE_FROM));
  });
  envFrom.forEach((source, index) => {
    checkShape(where, source, VARIABLES, [], `envFrom[${index}]`);
    oneOf(where, `envFrom[${index}]`, source, ['configMapRef', 'secretRef']);
  });
}

function oneOf(where: string, prop: string, value: object, fields: string[]): void {
  const set = Object.entries(value).filter(([field, content]) => content !== undefined && fields.includes(field));
  if (set.length !== 1) throw invalid(where, prop, value, `must have exactly one of ${fields.join(', ')}`, 'Keep the one that is meant.');
}

function checkToleration(where: string, prop: string, toleration: k8s.Toleration): void {
  checkShape(where, toleration, TOLERATION, [], prop);
  const { key, operator = 'Equal', value, effect, tolerationSeconds } = toleration;
  if (!['Exists', 'Equal'].includes(operator)) {
    throw invalid(where, `${prop}.operator`, operator, 'must be Exists or Equal', 'Leave it out for Equal.');
  }
  if (key) qualifiedName(where, `${prop}.key`, key);
  else if (operator === 'Equal') {
    throw invalid(where, `${prop}.key`, key, 'must name a taint', "Write operator: 'Exists' to tolerate every taint.");
  }
  if (value) {
    if (operator === 'Exists')
      throw invalid(where, `${prop}.value`, value, 'does not go with Exists', "Remove it, or write operator: 'Equal'.");
    labelValue(where, `${prop}.value`, value);
  }
  if (effect !== undefined && !EFFECTS.includes(effect)) {
    throw invalid(where, `${prop}.effect`, effect, `must be ${EFFECTS.join(', ')}`, 'Leave it out for all of them.');
  }
  if (tolerationSeconds !== undefined) {
    wholeNumber(where, `${prop}.tolerationSeconds`, tolerationSeconds, 0);
    if (effect !== 'NoExecute') {
      throw invalid(
        where,
        `${prop}.tolerationSeconds`,
        tolerationSeconds,
        'goes with the effect NoExecute only',
        "Write effect: 'NoExecute'.",
      );
    }
  }
}
