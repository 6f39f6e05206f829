import { ApiObject, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { check, describe, type Finding, isError } from '../check';
import { Cluster } from '../cluster';
import { isSelfChecking } from '../private/self-checking';
import { onWorkload } from '../private/workloads';

/** Charts with workloads of ours, by the app that they stand in. */
const CHARTS = new WeakMap<IConstruct, Set<Chart>>();

/**
 * Has the charts with our workloads judged when their app synthesizes, where the app does not judge by itself: once a
 * synthesis, however many workloads ask.
 */
function checkInPlainApp(workload: Construct): void {
  const { root } = workload.node;
  if (isSelfChecking(root)) return;
  const known = CHARTS.get(root);
  const charts = known ?? new Set();
  charts.add(Chart.of(workload));
  if (known !== undefined) return;
  CHARTS.set(root, charts);
  root.node.addValidation({ validate: () => errorsIn(root, charts) });
}

onWorkload(checkInPlainApp);

/**
 * Errors that stand both in a chart alone and in all charts of its cluster together. A plain app does not say which of
 * its charts are applied together: what one lacks another may bring, and charts with the same names may go to different
 * places.
 */
function errorsIn(root: IConstruct, charts: Set<Chart>): string[] {
  const objects = root.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  const byChart = groupBy(objects, (object) => Chart.of(object));
  const alone = [...charts].flatMap((chart) => errorsAmong(byChart.get(chart) ?? []));
  if (alone.length === 0) return [];
  const together = [...groupBy(objects, (object) => Cluster.of(object)).values()].flatMap(errorsAmong);
  const stands = new Set(together.map(place));
  return alone.filter((error) => stands.has(place(error))).map(({ object, finding }) => `[${object.node.path}] ${describe(finding)}`);
}

interface PlacedError {
  readonly object: ApiObject;
  readonly finding: Finding;
}

function errorsAmong(objects: ApiObject[]): PlacedError[] {
  return check(objects.map((object) => object.toJson()))
    .filter(isError)
    .map((finding) => ({ object: objects[finding.index], finding }));
}

function place({ object, finding }: PlacedError): string {
  return [object.node.path, finding.rule, finding.path].join('|');
}

function groupBy<Key>(objects: ApiObject[], key: (object: ApiObject) => Key): Map<Key, ApiObject[]> {
  const groups = new Map<Key, ApiObject[]>();
  for (const object of objects) {
    const group = groups.get(key(object));
    if (group) group.push(object);
    else groups.set(key(object), [object]);
  }
  return groups;
}
