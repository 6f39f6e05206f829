import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, type AppProps } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { Checker, describe, type Finding, isError, title } from '../check';
import { Cluster } from '../cluster';
import { invalid } from '../private/errors';
import { nearest } from '../private/nearest';
import { noticesOf } from '../private/notices';
import { markSelfChecking } from '../private/self-checking';
import { checkProps, type Shape } from '../private/shape';
import { type MadeObject, makeObjects, markClusterScope, renderFiles } from './chart-files';
import { handOverWarning, lostReplicas } from './hand-over';
import { missingNamespaces } from './namespaces';
import { writeFolder } from './output-folder';
import { type ClusterSummary, summaryText } from './summary';
import { hastySwitches, hastySwitchWarning } from './switch-over';
import { type ReplacedFile, replacedFiles } from './written-objects';

/** Properties of a `ServingApp`: those of a cdk8s `App`, and whether it talks. */
export interface ServingAppProps extends AppProps {
  /**
   * Whether `synth()` ends with a summary on standard error: what was made, what to mind, what to type next.
   *
   * @default true
   */
  readonly summary?: boolean;

  /**
   * Ids of rules that do not judge the objects, as findings name them.
   *
   * @default - none: every rule judges
   */
  readonly skip?: string[];
}

const SHAPE: Shape<ServingAppProps> = {
  summary: 'truth',
  skip: 'texts',
  outdir: 'text',
  outputFileExtension: 'text',
  recordConstructMetadata: 'truth',
  resolvers: 'list',
  yamlOutputType: 'number',
};

/**
 * A cdk8s app that writes one folder a cluster. Everything is made and checked before the first byte is written; a mistake
 * leaves the output folder as it was.
 */
export class ServingApp extends App {
  private readonly checker: Checker;
  private readonly summary: boolean;
  private readonly metadataWanted: boolean;
  private readonly clusters = new Map<string, { cluster: Cluster; scope: Construct }>();

  /**
   * @throws where a prop looks misspelt, or `skip` names no rule.
   */
  constructor(props: ServingAppProps = {}) {
    // other releases of cdk8s may have other props: only what looks misspelt is refused
    const known = Object.keys(SHAPE);
    const misspelt = Object.keys(props).some((prop) => !known.includes(prop) && nearest(prop, known) !== undefined);
    checkProps(misspelt, 'ServingApp', props, SHAPE, []);
    super(props);
    markSelfChecking(this);
    this.checker = new Checker({ skip: props.skip });
    this.summary = props.summary ?? true;
    this.metadataWanted = props.recordConstructMetadata ?? process.env.CDK8S_RECORD_CONSTRUCT_METADATA === 'true';
  }

  /**
   * The scope for everything that goes to one cluster: charts below it are written to the folder of its name.
   *
   * @throws where another cluster of this app has the same name.
   */
  public on(cluster: Cluster): Construct {
    const known = this.clusters.get(cluster.name);
    if (known && known.cluster !== cluster) throw sameName(cluster, `the scope '${known.scope.node.path}'`, 'this call of on()');
    if (known) return known.scope;
    const scope = new Construct(this, cluster.name);
    markClusterScope(scope);
    cluster.attachTo(scope);
    this.clusters.set(cluster.name, { cluster, scope });
    return scope;
  }

  /**
   * Makes all objects, checks them, and only then writes the files.
   *
   * @throws where a construct's validation or a rule over all objects fails; nothing is written then.
   */
  public override synth(): void {
    const constructs = this.node.findAll();
    validate(constructs);
    const objects = makeObjects(constructs);
    const groups = groupByCluster(objects);
    const findings = new Map([...groups].map(([name, made]) => [name, this.checker.check(made.map(({ json }) => json))]));
    refuseErrors(groups, findings);
    const files = renderFiles(objects, this.yamlOutputType, this.outputFileExtension);
    const replaced = this.summary ? replacedFiles(this.outdir, files) : [];
    writeFolder(this.outdir, files);
    if (this.metadataWanted) this.writeMetadata(objects);
    if (this.summary) this.printSummary(constructs, groups, findings, [...files.keys()], replaced);
  }

  private writeMetadata(objects: MadeObject[]): void {
    const resources = Object.fromEntries(objects.map(({ construct }) => [construct.name, { path: construct.node.path }]));
    fs.writeFileSync(path.join(this.outdir, 'construct-metadata.json'), JSON.stringify({ version: '1.0.0', resources }));
  }

  private printSummary(
    constructs: IConstruct[],
    groups: Map<string, MadeObject[]>,
    findings: Map<string, Finding[]>,
    files: string[],
    replaced: ReplacedFile[],
  ): void {
    const replacing = [...lostReplicas(replaced).map(handOverWarning), ...hastySwitches(replaced).map(hastySwitchWarning)];
    const summaries = [...groups].map(([name, made]): ClusterSummary => {
      const notices = noticesOf(constructs.filter((construct) => (Cluster.isNamed(construct) ? Cluster.of(construct).name : '') === name));
      const found = (findings.get(name) ?? []).map((finding) => ({
        path: made[finding.index].construct.node.path,
        text: `${title(finding.object)} ${finding.path}: ${finding.message}`,
        wayOut: finding.fix,
      }));
      const warned = notices
        .filter(({ kind }) => kind === 'warning')
        .map((notice) => ({ path: notice.path, text: notice.text, wayOut: notice.detail }));
      const isOfCluster = (file: string) => (name === '' ? !file.includes('/') : file.startsWith(`${name}/`));
      return {
        name: name === '' ? 'app' : name,
        folder: path.join(this.outdir, name),
        files: files.filter(isOfCluster).length,
        objects: made.length,
        // the folders of an app without clusters are charts; beside clusters they are those, too
        nested: files.some((file) =>
          name === '' ? groups.size === 1 && file.includes('/') : file.startsWith(`${name}/`) && file.split('/').length > 2,
        ),
        warnings: [...replacing.filter(({ path: file }) => isOfCluster(file)), ...warned, ...found, ...missingNamespaces(made)],
        notices,
      };
    });
    process.stderr.write(`\n${summaryText(summaries, !isScratch(this.outdir))}`);
  }
}

/** `cdk8s synth --stdout` lets the app write into a scratch folder that it removes. */
function isScratch(outdir: string): boolean {
  return path.dirname(path.resolve(outdir)) === path.resolve(os.tmpdir()) && path.basename(outdir).startsWith('cdk8s-');
}

function sameName(cluster: Cluster, one: string, other: string): Error {
  return invalid(
    'ServingApp',
    'name',
    cluster.name,
    `is the name of two different clusters: ${one} has one of them, ${other} the other`,
    "Make one Cluster object and use it for both, or give one of them another 'name'.",
  );
}

function validate(constructs: IConstruct[]): void {
  const errors = constructs.flatMap((construct) => construct.node.validate().map((error) => `[${construct.node.path}] ${error}`));
  if (errors.length > 0) throw new Error(`Validation failed with the following errors:\n  ${errors.join('\n  ')}`);
}

function groupByCluster(objects: MadeObject[]): Map<string, MadeObject[]> {
  const groups = new Map<string, MadeObject[]>();
  const named = new Map<string, { cluster: Cluster; path: string }>();
  for (const object of objects) {
    const cluster = Cluster.isNamed(object.chart) ? Cluster.of(object.chart) : undefined;
    const name = cluster?.name ?? '';
    if (cluster) {
      const { path: chartPath } = object.chart.node;
      const first = named.get(name) ?? { cluster, path: chartPath };
      if (first.cluster !== cluster) throw sameName(cluster, `the chart '${first.path}'`, `the chart '${chartPath}'`);
      named.set(name, first);
    }
    const group = groups.get(name);
    if (group) group.push(object);
    else groups.set(name, [object]);
  }
  return groups;
}

function refuseErrors(groups: Map<string, MadeObject[]>, findings: Map<string, Finding[]>): void {
  const lines = [...groups].flatMap(([name, made]) =>
    (findings.get(name) ?? []).filter(isError).map((finding) => `[${made[finding.index].construct.node.path}] ${describe(finding)}`),
  );
  if (lines.length === 0) return;
  throw new Error(
    `Nothing was written, since ${lines.length === 1 ? 'a mistake was' : `${lines.length} mistakes were`} found:\n  ${lines.join('\n  ')}`,
  );
}
