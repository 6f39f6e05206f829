import { App } from 'cdk8s';
import { Cluster, LocalGpus, ServingChart } from '../../../lib';
import type { KubeObject } from '../../../lib/check';

/** One cluster of each platform, with what its props can name. */
export const SITES = {
  minikube: Cluster.minikube({ gpus: LocalGpus.AVAILABLE, kubernetesVersion: '1.35' }),
  kind: Cluster.kind({ gpus: LocalGpus.AVAILABLE, nodes: 3 }),
  gke: Cluster.gke({
    projectId: 'my-project',
    imageRegistry: 'gcr.io/my-project',
    nodePools: [{ name: 'general', machineType: 'e2-standard-16', maxNodes: 9, taints: [{ key: 'models', effect: 'NoSchedule' }] }],
  }),
  autopilot: Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project', autopilot: true }),
  eks: Cluster.eks({
    imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/models',
    nodePools: [{ name: 'general', machineType: 'm5.4xlarge', maxNodes: 9 }],
  }),
};

export type SiteName = keyof typeof SITES;

/** Props of a case; those that lead to another construct make it in the chart. */
type Props<T> = T | ((chart: ServingChart) => T);

/** A case that only some platforms answer: the others refuse it. */
class Only<T> {
  constructor(
    public readonly sites: SiteName[],
    public readonly props: Props<T>,
  ) {}
}

export const only = <T>(sites: SiteName[], props: Props<T>) => new Only(sites, props);

type Case<T> = Props<T> | Only<T>;

/** Named cases of every prop, of which the compiler lets none be forgotten. A case sets its prop, and what that needs beside it. */
export type Matrix<T> = {
  readonly [Prop in keyof T]-?: { readonly [name: string]: Case<Partial<T> & { readonly [Given in Prop]-?: NonNullable<T[Prop]> }> };
};

/** A construct with the props that all its cases share. */
export interface Subject<T> {
  readonly matrix: Matrix<T>;
  make(chart: ServingChart, props: Partial<T>): void;
}

/** What the cases of a construct make on a platform: each object once, with the first case that made it. */
export function objectsOf<T extends object>(site: SiteName, namespace: string, { matrix, make }: Subject<T>): Made {
  const made: Made = { objects: new Map(), cases: 0, refused: [] };
  const keys = new Set<string>();
  for (const [prop, cases] of Object.entries(matrix) as [string, { [name: string]: Case<Partial<T>> }][]) {
    for (const [name, one] of Object.entries(cases)) {
      const title = `${site}, ${prop}: ${name}`;
      const { sites, props } = one instanceof Only ? one : { sites: undefined, props: one };
      const chart = new ServingChart(new App(), 'matrix', { cluster: SITES[site], namespace, createNamespace: false });
      const write = () => {
        make(chart, typeof props === 'function' ? props(chart) : props);
        return chart.toJson() as KubeObject[];
      };
      if (sites !== undefined && !sites.includes(site)) {
        expect({ title, refused: throws(write) }).toEqual({ title, refused: true });
        made.refused.push(title);
        continue;
      }
      made.cases += 1;
      for (const object of answered(title, write)) {
        const key = JSON.stringify(object);
        if (!keys.has(key)) made.objects.set(object, title);
        keys.add(key);
      }
    }
  }
  return made;
}

export interface Made {
  readonly objects: Map<KubeObject, string>;
  cases: number;
  readonly refused: string[];
}

/** Says which case it is that should have been answered. */
function answered(title: string, write: () => KubeObject[]): KubeObject[] {
  try {
    return write();
  } catch (error) {
    throw new Error(`${title}: ${error}`);
  }
}

function throws(write: () => unknown): boolean {
  try {
    write();
    return false;
  } catch {
    return true;
  }
}
