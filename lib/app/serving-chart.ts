import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { Cluster } from '../cluster';
import { invalid } from '../private/errors';
import { MANAGED_BY, MANAGED_BY_LABEL, PART_OF_LABEL } from '../private/labels';
import { checkProps, type Shape } from '../private/shape';
import { labels as checkedLabels, dnsLabel } from '../private/validate';

/** Properties of a `ServingChart`. */
export interface ServingChartProps {
  /**
   * Cluster that the chart is written for.
   *
   * @default - that of the scope, as `ServingApp.on()` gives it
   */
  readonly cluster?: Cluster;

  /**
   * Namespace of the chart's objects.
   *
   * @default - the chart's id
   */
  readonly namespace?: string;

  /**
   * Whether the chart makes its namespace, labelled so that it admits only pods of the level `podSecurity`. Of charts that
   * share a namespace one makes it.
   *
   * @default true
   */
  readonly createNamespace?: boolean;

  /**
   * Pod Security level that the namespace enforces: `restricted`, `baseline` or `privileged`.
   *
   * @default 'restricted'
   */
  readonly podSecurity?: string;

  /**
   * Declared node pool of the chart's pods that name no pool themselves. It means nothing on kind and minikube.
   *
   * @default - any node without GPUs and taints that has room
   */
  readonly nodePool?: string;

  /**
   * Labels of all objects of the chart.
   *
   * @default - `app.kubernetes.io/part-of` with the chart's id, and `app.kubernetes.io/managed-by`
   */
  readonly labels?: { [key: string]: string };
}

const SHAPE: Shape<ServingChartProps> = {
  cluster: Cluster,
  namespace: 'text',
  createNamespace: 'truth',
  podSecurity: 'text',
  nodePool: 'text',
  labels: 'map',
};

/** Namespaces of Kubernetes itself. */
const SYSTEM_NAMESPACES = /^(default|kube-.*)$/;

/** A chart with a namespace of its own, written for one cluster: one file, which `kubectl apply` takes on an empty cluster. */
export class ServingChart extends Chart {
  /** Cluster that the chart is written for. */
  public readonly cluster: Cluster;

  /**
   * @throws where the id, the namespace or the node pool is no DNS label, the namespace to make belongs to Kubernetes or its platform, or the
   * chart stands below another cluster.
   */
  constructor(scope: Construct, id: string, props: ServingChartProps = {}) {
    const where = [scope.node.path, id].filter((part) => part !== '').join('/');
    checkProps(new.target === ServingChart, where, props, SHAPE, []);
    const namespace = dnsLabel(where, props.namespace === undefined ? 'id' : 'namespace', props.namespace ?? id);
    const { podSecurity = 'restricted', createNamespace = true } = props;
    const { systemNamespaces } = (props.cluster ?? Cluster.of(scope))._dialect;
    if (createNamespace && (SYSTEM_NAMESPACES.test(namespace) || systemNamespaces?.test(namespace))) {
      throw invalid(
        where,
        props.namespace === undefined ? 'id' : 'namespace',
        namespace,
        'is a namespace of the cluster itself, which a chart must not make: Pod Security would be enforced on all of it, and deleting the chart would delete it',
        "Choose another 'namespace', or write createNamespace: false.",
      );
    }
    if (!['restricted', 'baseline', 'privileged'].includes(podSecurity)) {
      throw invalid(where, 'podSecurity', podSecurity, 'must be restricted, baseline or privileged', 'Leave it out for restricted.');
    }
    if (props.cluster && Cluster.isNamed(scope) && Cluster.of(scope) !== props.cluster) {
      throw invalid(where, 'cluster', props.cluster.name, `is not the cluster of the scope (${Cluster.of(scope).name})`, 'Leave it out.');
    }
    const labels = {
      [PART_OF_LABEL]: dnsLabel(where, 'id', id),
      [MANAGED_BY_LABEL]: MANAGED_BY,
      ...checkedLabels(where, 'labels', props.labels ?? {}),
    };
    if (props.nodePool !== undefined) dnsLabel(where, 'nodePool', props.nodePool);
    super(scope, id, { namespace, labels });
    props.cluster?.attachTo(this);
    this.cluster = Cluster.of(this);
    if (props.nodePool !== undefined) this.cluster._setDefaultNodePool(this, props.nodePool);
    if (createNamespace) {
      new ApiObject(this, 'Namespace', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': podSecurity } },
        // cdk8s stamps the chart's namespace on every object, also on this one, which stands in none
      }).addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
  }
}
