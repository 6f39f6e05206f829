import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Construct } from 'constructs';
import { type Cluster, ServingApp, ServingChart, type ServingChartProps } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { eventually, isLeaving, type Kind, list, listIn } from './api';
import { type Answer, kubectl, run } from './kubectl';
import { claimNamespaces, markNamespaces, releaseNamespaces } from './namespaces';
import { currentRun } from './run';
import { explained } from './trouble';

/** What a story builds in its chart. */
export type Build = (chart: ServingChart) => void;

/** What a synthesis made. */
export interface Written {
  readonly file: string;
  /** Where the next synthesis of the same program would write. */
  readonly outdir: string;
  readonly summary: string;
}

/** One namespace, and what happens there. */
export class Scene {
  /** Name that no other story has, nor the same story of another run. */
  public readonly namespace: string;
  private readonly namespaces: string[];
  private readonly said: string[] = [];
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'story-'));

  /** `others` are further namespaces of the story, each named after the first. */
  constructor(
    name: string,
    others: string[] = [],
    private readonly tell: jest.It = test,
  ) {
    this.namespace = `${name}-${currentRun().suffix}`;
    this.namespaces = [this.namespace, ...others.map((other) => this.other(other))];
    beforeEach(() => claimNamespaces(this.namespaces));
    afterEach(releaseNamespaces);
    afterAll(() => {
      process.stdout.write(this.said.map((line) => `${line}\n`).join(''));
      fs.rmSync(this.folder, { recursive: true });
    });
  }

  /** Name of a further namespace. */
  public other(name: string): string {
    return `${this.namespace}-${name}`;
  }

  /** One story; where it fails, the cluster is asked why. */
  public story(name: string, happen: () => Promise<void>): void {
    this.tell(name, () => explained(this.namespaces, happen));
  }

  /** A line for the tally. */
  public say(line: string): void {
    this.said.push(line);
  }

  /** Writes a chart for a cluster, as a user's program would, and returns its file and what the synthesis said of it. */
  public written(cluster: Cluster, build: Build, props: ServingChartProps = {}, outdir = this.newFolder()): Written {
    const { folder, summary } = this.writtenFrom(cluster, (site) => build(new ServingChart(site, this.namespace, props)), outdir);
    return { file: path.join(folder, `${this.namespace}.k8s.yaml`), outdir, summary };
  }

  /** Writes charts for a cluster, and returns their folder and what the synthesis said of them. */
  public writtenFrom(cluster: Cluster, build: (site: Construct) => void, outdir = this.newFolder()): { folder: string; summary: string } {
    const app = new ServingApp({ outdir });
    build(app.on(cluster));
    const printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      app.synth();
      return { folder: path.join(app.outdir, cluster.name), summary: printed.mock.calls.map(([text]) => text).join('') };
    } finally {
      printed.mockRestore();
    }
  }

  private newFolder(): string {
    return fs.mkdtempSync(path.join(this.folder, 'dist-'));
  }

  /** Applies a file or a folder as a person or a pipeline would. */
  public async apply(file: string, ...flags: string[]): Promise<Answer> {
    const answer = run(['apply', '--validate=strict', ...flags, '--filename', file]);
    await markNamespaces();
    if (answer.code !== 0) throw new Error(`kubectl apply: ${answer.stderr}`);
    return answer;
  }

  public kubectl(...args: string[]): string {
    return kubectl([...args, '--namespace', this.namespace]);
  }

  /** Objects of a kind in the namespace. */
  public list(kind: Kind, labels?: string): Promise<KubeObject[]> {
    return list(kind, { namespace: this.namespace, labels });
  }

  /** One object that must be there. */
  public async one(kind: Kind, name: string): Promise<KubeObject> {
    const found = (await this.list(kind)).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name} in ${this.namespace}`);
    return found;
  }

  /** Pods of a workload that are not on their way out. */
  public async pods(instance: string): Promise<KubeObject[]> {
    const all = await this.list('pods', `app.kubernetes.io/instance=${instance}`);
    return all.filter((pod) => !isLeaving(pod));
  }

  /** What the events of the namespace say. */
  public async events(): Promise<string[]> {
    return (await this.list('events')).map(({ message }) => message);
  }

  /** Waits until all Deployments have their pods, and none of an earlier release. */
  public async available(seconds = 180): Promise<void> {
    await eventually(
      'all Deployments have their pods',
      seconds,
      async () => (await listIn(this.namespaces, 'deployments')).map(rolledOut),
      (seen) => seen.every(({ done }) => done),
    );
  }
}

/** Whether nothing of a Deployment's rollout is left to do. */
export function rolledOut({ metadata, spec, status }: KubeObject): { name: string; wanted: number; ready: number; done: boolean } {
  const { observedGeneration, replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const seen = observedGeneration === (metadata as { generation?: number }).generation;
  const all = [replicas, updatedReplicas, readyReplicas, availableReplicas].every((count) => count === spec.replicas);
  return { name: metadata.name, wanted: spec.replicas, ready: readyReplicas, done: seen && all };
}
