import type { KubeObject } from '../../../lib/check';
import { condition, list, listIn } from './api';

/** Runs a story; where it fails, prints what the cluster knows about it and fails all the same. */
export async function explained(namespaces: string[], story: () => Promise<void> | void): Promise<void> {
  try {
    await story();
  } catch (error) {
    try {
      process.stderr.write(`${await trouble(namespaces)}\n`);
    } catch (silence) {
      process.stderr.write(`The cluster does not say why: ${silence}\n`);
    }
    throw error;
  }
}

/** What a person would ask for: objects that are not as they should be, the events about them, and the nodes. */
async function trouble(namespaces: string[]): Promise<string> {
  return [
    section('Pods that are not Ready', (await listIn(namespaces, 'pods')).filter(isNotReady).map(unmetConditions)),
    section('Deployments that are not Available', (await listIn(namespaces, 'deployments')).filter(isNotAvailable).map(unmetConditions)),
    section('ReplicaSets that cannot make pods', (await listIn(namespaces, 'replicasets')).flatMap(replicaFailure)),
    section('Warning events', (await listIn(namespaces, 'events')).filter(isWarning).map(eventLine)),
    section('Nodes', (await list('nodes')).map(nodeLine)),
  ].join('\n');
}

/** Lines under a title, each once, and no more of them than a person reads. */
function section(title: string, lines: string[]): string {
  const different = [...new Set(lines)];
  const shown = different.slice(0, 20);
  if (shown.length < different.length) shown.push(`and ${different.length - shown.length} more`);
  return `${title}:${shown.length === 0 ? ' none' : shown.map((line) => `\n  ${line}`).join('')}`;
}

/** Whether a pod does not serve. */
function isNotReady(pod: KubeObject): boolean {
  return condition(pod, 'Ready')?.status !== 'True';
}

/** Whether a Deployment has too few pods. */
function isNotAvailable(deployment: KubeObject): boolean {
  return condition(deployment, 'Available')?.status !== 'True';
}

/** Whether an event is bad news, such as FailedScheduling. */
function isWarning(event: KubeObject): boolean {
  return event.type === 'Warning';
}

/** An object with its phase and what keeps it from being ready. */
function unmetConditions(object: KubeObject): string {
  const unmet = (object.status?.conditions ?? []).filter(({ status }: { status: string }) => status !== 'True');
  const reasons = unmet.map(
    ({ type, reason, message }: Record<string, string>) => `${type}: ${[reason, message].filter(Boolean).join(', ')}`,
  );
  return `${nameOf(object)} ${object.status?.phase ?? ''} ${reasons.join('; ')}`;
}

/** Why a ReplicaSet cannot make pods, where it cannot. */
function replicaFailure(set: KubeObject): string[] {
  const failure = condition(set, 'ReplicaFailure');
  return failure === undefined ? [] : [`${nameOf(set)} ${failure.reason}: ${failure.message}`];
}

/** An event in one line. */
function eventLine({ involvedObject, reason, message, metadata }: KubeObject): string {
  return `${metadata.namespace}/${involvedObject.kind} ${involvedObject.name} ${reason}: ${message}`;
}

/** A node with what decides whether pods fit. */
function nodeLine(node: KubeObject): string {
  const { cpu, memory } = node.status?.allocatable ?? {};
  const taints = (node.spec?.taints ?? []).map(({ key, effect }: Record<string, string>) => `${key}:${effect}`);
  const labels = Object.entries(node.metadata.labels ?? {}).map((label) => label.join('='));
  const ready = condition(node, 'Ready')?.status === 'True' ? 'Ready' : 'not Ready';
  return `${node.metadata.name} ${ready}, cpu ${cpu}, memory ${memory}, taints [${taints.join(', ')}], labels [${labels.join(', ')}]`;
}

/** Name of an object with its namespace. */
function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
