import { ApiObject, Chart, Names, YamlOutputType } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { CLUSTER_SCOPED, type KubeObject } from '../check';
import { Cluster } from '../cluster';
import { FILE_HEADER } from './output-folder';
import { emitYaml } from './yaml-emitter';

/** An object with the construct that makes it and the chart that it belongs to. */
export interface MadeObject {
  readonly construct: ApiObject;
  readonly chart: Chart;
  readonly json: KubeObject;
}

/** All objects of an app in the order of its tree, dependencies first, each made once. */
export function makeObjects(constructs: IConstruct[]): MadeObject[] {
  const apiObjects = constructs.filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  return dependenciesFirst(apiObjects, constructs).map((construct) => ({
    construct,
    chart: Chart.of(construct),
    json: manifest(construct),
  }));
}

/** An object as it is written. cdk8s stamps the chart's namespace on every kind, also on those that stand in none. */
function manifest(construct: ApiObject): KubeObject {
  const json = construct.toJson();
  if (!CLUSTER_SCOPED.has(json.kind)) return json;
  const { namespace: _, ...metadata } = json.metadata;
  return { ...json, metadata };
}

/**
 * Content of the output files by path. Files are named as cdk8s names them, except that a file of its own for a Namespace
 * starts with `00-`.
 *
 * @throws where two charts would write one file.
 */
export function renderFiles(objects: MadeObject[], type: YamlOutputType, extension: string): Map<string, string> {
  const byFile = new Map<string, MadeObject[]>();
  const owners = new Map<string, string>();
  for (const object of objects) {
    const { file, owner } = fileOf(object, type, extension);
    const other = owners.get(file.toLowerCase());
    if (other !== undefined && other !== owner) {
      throw new Error(
        `${owner} and ${other} would both write ${file}. Give one of them another id${type === YamlOutputType.FILE_PER_RESOURCE ? ', or write a file a chart' : ''}.`,
      );
    }
    owners.set(file.toLowerCase(), owner);
    const sameFile = byFile.get(file);
    if (sameFile) sameFile.push(object);
    else byFile.set(file, [object]);
  }
  return new Map([...byFile].map(([file, made]) => [file, FILE_HEADER + made.map(document).join('')]));
}

function document({ construct, json }: MadeObject): string {
  return `---\n${emitYaml(json, construct.node.path)}`;
}

function fileOf({ construct, chart, json }: MadeObject, type: YamlOutputType, extension: string): { file: string; owner: string } {
  const folder = Cluster.isNamed(chart) ? `${Cluster.of(chart).name}/` : '';
  // kubectl reads a folder by name, and a namespace must be there before what stands in it
  const first = json.kind === 'Namespace' ? '00-' : '';
  const resource = `${first}${json.kind}.${json.metadata.name}`.replace(/[^0-9a-zA-Z-_.]/g, '');
  switch (type) {
    case YamlOutputType.FILE_PER_APP:
      return { file: `${folder}app${extension}`, owner: 'app' };
    case YamlOutputType.FILE_PER_RESOURCE:
      return { file: `${folder}${resource}${extension}`, owner: construct.node.path };
    case YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE:
      return { file: `${folder}${chartName(chart)}/${resource}${extension}`, owner: construct.node.path };
    default:
      return { file: `${folder}${chartName(chart)}${extension}`, owner: chart.node.path };
  }
}

/** A chart's name in its cluster's folder: its ids below the cluster; outside of clusters the name that cdk8s gives. */
function chartName(chart: Chart): string {
  if (!Cluster.isNamed(chart)) return Names.toDnsLabel(chart);
  const named = chart.node.scopes.filter((scope) => scope.node.scope !== undefined && !isClusterScope(scope));
  return named.map((scope) => scope.node.id).join('-');
}

const CLUSTER_SCOPE = Symbol.for('cdk8s-model-serving.ClusterScope');

export function markClusterScope(scope: Construct): void {
  Object.defineProperty(scope, CLUSTER_SCOPE, { value: true });
}

function isClusterScope(scope: IConstruct): boolean {
  return CLUSTER_SCOPE in scope;
}

/**
 * Tree order, except that an object comes after those that it depends on. Each dependency is walked once, so that long
 * chains cost no more than their length.
 */
function dependenciesFirst(apiObjects: ApiObject[], constructs: IConstruct[]): ApiObject[] {
  const targets = new Map<ApiObject, ApiObject[]>();
  for (const construct of constructs) {
    const { dependencies } = construct.node;
    if (dependencies.length === 0) continue;
    const before = dependencies.flatMap((target) => apiObjectsIn(target));
    for (const source of apiObjectsIn(construct)) targets.set(source, [...(targets.get(source) ?? []), ...before]);
  }
  if (targets.size === 0) return apiObjects;
  const ordered: ApiObject[] = [];
  const state = new Map<ApiObject, 'open' | 'done'>();
  const visit = (object: ApiObject, route: string[]): void => {
    if (state.get(object) === 'done') return;
    if (state.get(object) === 'open') throw new Error(`Dependency cycle detected: ${[...route, object.node.path].join(' => ')}`);
    state.set(object, 'open');
    for (const target of targets.get(object) ?? []) if (target !== object) visit(target, [...route, object.node.path]);
    state.set(object, 'done');
    ordered.push(object);
  };
  for (const object of apiObjects) visit(object, []);
  return ordered;
}

function apiObjectsIn(construct: IConstruct): ApiObject[] {
  return construct.node.findAll().filter((child): child is ApiObject => ApiObject.isApiObject(child));
}
