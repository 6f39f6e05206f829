import { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Cluster, ServingChart } from '../../lib';
import { emitYaml } from '../../lib/app/yaml-emitter';
import type { KubeObject } from '../../lib/check';
import { noticesOf } from '../../lib/private/notices';

/** GKE as most tests use it. */
export const GKE = Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project' });

/** Objects of one chart, as they would be written. */
export function render(build: (chart: ServingChart) => void, cluster: Cluster = GKE): KubeObject[] {
  const chart = new ServingChart(new App(), 'models', { cluster });
  build(chart);
  return chart.toJson();
}

/** What synthesis warns of at these constructs. */
export function warningsOf(constructs: IConstruct[]): string[] {
  return noticesOf(constructs)
    .filter(({ kind }) => kind === 'warning')
    .map(({ text }) => text);
}

/** The only object of a kind. */
export function only(objects: KubeObject[], kind: string): KubeObject {
  const found = objects.filter((object) => object.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}: ${objects.map((object) => object.kind).join(', ')}`);
  return found[0];
}

/** The pod spec of the only Deployment. */
export function podSpec(objects: KubeObject[]) {
  return only(objects, 'Deployment').spec.template.spec;
}

/** The container of the only Deployment. */
export function container(objects: KubeObject[]) {
  return podSpec(objects).containers[0];
}

/** Value of a server flag, or undefined where it is not set. */
export function flag(objects: KubeObject[], name: string): string | undefined {
  const prefix = `--${name}=`;
  return container(objects)
    .args.find((argument: string) => argument.startsWith(prefix))
    ?.slice(prefix.length);
}

/** Objects as YAML, for snapshots that people read. */
export function toYaml(objects: KubeObject[]): string {
  return objects.map((object) => `---\n${emitYaml(object, object.kind)}`).join('');
}
