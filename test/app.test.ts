import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ApiObject, App, type Chart, YamlOutputType } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { AutoscaledService, Autoscaling, Cluster, ContainerImage, Exposure, Peer, ServingApp, ServingChart } from '../lib';
import { summaryText } from '../lib/app/summary';
import { noticesOf } from '../lib/private/notices';

const outdirs: string[] = [];
const freshDir = () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'serving-'));
  outdirs.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of outdirs) fs.rmSync(dir, { recursive: true });
});

const kind = () => Cluster.kind();
const PING = {
  image: ContainerImage.fromRegistry('example.com/ping:1.0'),
  ports: [{ port: 80 }],
  resources: { requests: { cpu: '1', memory: '1Gi' } },
  callers: [Peer.namespace('web')],
};
const ping = (chart: Chart, id = 'ping') => new AutoscaledService(chart, id, PING);

const appIn = (outdir: string, props = {}) => new ServingApp({ outdir, summary: false, ...props });
const tree = (dir: string) =>
  fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
const contents = (dir: string) => Object.fromEntries(tree(dir).map((file) => [file, fs.readFileSync(path.join(dir, file), 'utf8')]));

describe('props of the app', () => {
  test.each([
    [{ outDir: 'x' }, /ServingApp: 'outDir' \("x"\) is not known here\. Did you mean 'outdir'\?/],
    [{ outdir: 3 }, /ServingApp: 'outdir' \(3\) must be a text/],
    [{ skip: ['no-such-rule'] }, /'skip' \("no-such-rule"\) is no rule/],
  ])('%j is refused', (props, message) => {
    expect(() => new ServingApp(props as object)).toThrow(message);
  });

  test('a prop of another release of cdk8s is let through', () => {
    expect(() => new ServingApp({ outdir: freshDir(), telemetry: true } as object)).not.toThrow();
  });

  test('a rule that is skipped does not judge', () => {
    const app = (skip: string[]) => {
      const made = appIn(freshDir(), { skip });
      const chart = new ServingChart(made, 'models', { cluster: kind() });
      new ApiObject(chart, 'moving', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x' },
        spec: { containers: [{ name: 'x', image: 'nginx', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
      });
      new ApiObject(chart, 'moving-too', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'y' },
        spec: {
          selector: { matchLabels: { app: 'y' } },
          template: {
            metadata: { labels: { app: 'y' } },
            spec: { containers: [{ name: 'y', image: 'nginx', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
          },
        },
      });
      return made;
    };
    expect(() => app([]).synth()).toThrow(/unpinned-image/);
    expect(() => app(['unpinned-image', 'pod-security-restricted']).synth()).not.toThrow();
  });
});

describe('output', () => {
  test('one folder a cluster, one file a chart', () => {
    const outdir = freshDir();
    const app = appIn(outdir);
    for (const cluster of [kind(), Cluster.minikube()]) {
      ping(new ServingChart(app.on(cluster), 'a'));
      ping(new ServingChart(app.on(cluster), 'b'));
    }
    ping(new ServingChart(app, 'c', { cluster: Cluster.eks({ name: 'prod' }) }));
    app.synth();
    expect(tree(outdir)).toEqual(['kind/a.k8s.yaml', 'kind/b.k8s.yaml', 'minikube/a.k8s.yaml', 'minikube/b.k8s.yaml', 'prod/c.k8s.yaml']);
  });

  test('every file is a list of documents, also when files are put together', () => {
    const outdir = freshDir();
    const app = appIn(outdir);
    ping(new ServingChart(app.on(kind()), 'a'));
    ping(new ServingChart(app, 'plain'));
    app.synth();
    const together = Object.values(contents(outdir)).join('');
    const documents = parseAllDocuments(together).map((document) => document.toJS());
    expect(documents.map(({ kind: name }) => name).filter((name) => name === 'Deployment')).toHaveLength(2);
    expect(documents).not.toContain(null);
  });

  test('the same code gives the same bytes, and unchanged files are not touched', () => {
    const outdir = freshDir();
    const write = () => {
      const app = appIn(outdir);
      ping(new ServingChart(app.on(kind()), 'a'));
      app.synth();
      return fs.statSync(path.join(outdir, 'kind/a.k8s.yaml')).mtimeMs;
    };
    const first = write();
    const before = contents(outdir);
    expect(write()).toBe(first);
    expect(contents(outdir)).toEqual(before);
  });

  test('files of earlier runs go, files of others stay', () => {
    const outdir = freshDir();
    const first = appIn(outdir);
    ping(new ServingChart(first.on(kind()), 'old'));
    ping(new ServingChart(first.on(Cluster.minikube()), 'old'));
    first.synth();
    fs.writeFileSync(path.join(outdir, 'kind/kustomization.yaml'), 'resources: []\n');
    const second = appIn(outdir);
    ping(new ServingChart(second.on(kind()), 'new'));
    second.synth();
    expect(tree(outdir)).toEqual(['kind/kustomization.yaml', 'kind/new.k8s.yaml']);
  });

  test.each([
    [YamlOutputType.FILE_PER_APP, ['kind/app.k8s.yaml']],
    [YamlOutputType.FILE_PER_CHART, ['kind/a.k8s.yaml']],
    [YamlOutputType.FILE_PER_RESOURCE, ['kind/Deployment.ping.k8s.yaml', 'kind/00-Namespace.a.k8s.yaml']],
    [YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE, ['kind/a/Deployment.ping.k8s.yaml', 'kind/a/00-Namespace.a.k8s.yaml']],
  ])('output type %s of cdk8s is kept', (yamlOutputType, files) => {
    const outdir = freshDir();
    const app = appIn(outdir, { yamlOutputType });
    ping(new ServingChart(app.on(kind()), 'a'));
    app.synth();
    expect(tree(outdir)).toEqual(expect.arrayContaining(files));
    // kubectl reads a folder in the order of names: the namespace must be there before what stands in it
    expect(Object.values(contents(outdir))[0]).toMatch(/^.*\n---\napiVersion: v1\nkind: Namespace\n/);
  });

  test('construct metadata is recorded where the command line asks for it', () => {
    const outdir = freshDir();
    const app = appIn(outdir, { recordConstructMetadata: true });
    ping(new ServingChart(app.on(kind()), 'a'));
    app.synth();
    const { resources } = JSON.parse(fs.readFileSync(path.join(outdir, 'construct-metadata.json'), 'utf8'));
    expect(resources.ping.path).toContain('kind/a/ping');
  });

  test('objects that stand in no namespace get none', () => {
    const outdir = freshDir();
    const app = appIn(outdir);
    const chart = new ServingChart(app.on(kind()), 'a');
    new ApiObject(chart, 'class', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 });
    app.synth();
    expect(contents(outdir)['kind/a.k8s.yaml']).toMatch(
      /kind: PriorityClass\nmetadata:\n {2}labels:\n.*\n.*\n {2}name: high\nvalue: 1000\n/,
    );
  });

  test('objects come after those that they depend on', () => {
    const outdir = freshDir();
    const app = appIn(outdir);
    const chart = new ServingChart(app.on(kind()), 'a');
    const late = new ApiObject(chart, 'late', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } });
    const early = new ApiObject(chart, 'early', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'early' } });
    late.addDependency(early);
    app.synth();
    const text = fs.readFileSync(path.join(outdir, 'kind/a.k8s.yaml'), 'utf8');
    expect(text.indexOf('name: early')).toBeLessThan(text.indexOf('name: late'));
  });
});

describe('mistakes leave the output as it was', () => {
  const mistakes: [string, (app: ServingApp) => void, RegExp][] = [
    [
      'two charts that make one namespace',
      (app) => {
        const site = app.on(Cluster.kind({ name: 'two' }));
        new ServingChart(site, 'a', { namespace: 'shared' });
        new ServingChart(site, 'b', { namespace: 'shared' });
      },
      /Namespace shared is made twice \(duplicate-object\)/,
    ],
    [
      'an object of a user that a rule refuses',
      (app) => {
        const chart = new ServingChart(app.on(kind()), 'a');
        new ApiObject(chart, 'old', { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'old' } });
      },
      /\[kind\/a\/old\] Ingress a\/old, apiVersion: extensions\/v1beta1 Ingress is served by no supported Kubernetes \(removed-api-version\)\. Write networking.k8s.io\/v1\./,
    ],
    [
      'a validation of a user',
      (app) => new ServingChart(app.on(kind()), 'a').node.addValidation({ validate: () => ['no owner'] }),
      /Validation failed with the following errors:\n {2}\[kind\/a\] no owner/,
    ],
    [
      'a value that YAML cannot carry',
      (app) =>
        void new ApiObject(new ServingChart(app.on(kind()), 'a'), 'x', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'x' },
          data: { a: Number.NaN },
        }),
      /kind\/a\/x: 'data.a' \(NaN\)/,
    ],
    [
      'two charts that write one file',
      (app) => {
        const cluster = kind();
        new ServingChart(app.on(cluster), 'a-b');
        new ServingChart(new ServingChart(app.on(cluster), 'a'), 'b');
      },
      /would both write kind\/a-b.k8s.yaml/,
    ],
    [
      'a dependency cycle',
      (app) => {
        const chart = new ServingChart(app.on(kind()), 'a');
        const [x, y] = ['x', 'y'].map((name) => new ApiObject(chart, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }));
        x.addDependency(y);
        y.addDependency(x);
      },
      /Dependency cycle detected: kind\/a\/x => kind\/a\/y => kind\/a\/x/,
    ],
  ];

  test.each(mistakes)('%s', (_, make, message) => {
    const outdir = freshDir();
    const good = appIn(outdir);
    ping(new ServingChart(good.on(kind()), 'good'));
    good.synth();
    const before = contents(outdir);
    const bad = appIn(outdir);
    make(bad);
    expect(() => bad.synth()).toThrow(message);
    expect(contents(outdir)).toEqual(before);
  });

  test('two clusters of one name', () => {
    const app = appIn(freshDir());
    app.on(kind());
    expect(() => app.on(kind())).toThrow(
      /'name' \("kind"\) is the name of two different clusters: the scope 'kind' has one of them, this call of on\(\) the other\. Make one Cluster object/,
    );
    const twice = appIn(freshDir());
    for (const id of ['x', 'y']) new ServingChart(twice, id, { cluster: Cluster.kind() });
    expect(() => twice.synth()).toThrow(/is the name of two different clusters: the chart 'x' has one of them, the chart 'y' the other/);
    const shared = appIn(freshDir());
    const cluster = kind();
    for (const id of ['x', 'y']) new ServingChart(shared, id, { cluster });
    new ServingChart(shared.on(Cluster.minikube()), 'z');
    expect(() => shared.synth()).not.toThrow();
  });
});

describe('charts', () => {
  test('a chart makes its namespace, which enforces Pod Security restricted', () => {
    const chart = new ServingChart(new App(), 'models', { cluster: kind() });
    expect(chart.toJson()[0]).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'models',
        labels: {
          'app.kubernetes.io/managed-by': 'cdk8s-model-serving',
          'app.kubernetes.io/part-of': 'models',
          'pod-security.kubernetes.io/enforce': 'restricted',
        },
      },
    });
    expect(new ServingChart(new App(), 'models', { createNamespace: false, namespace: 'shared' }).toJson()).toEqual([]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['an id that is no namespace', () => new ServingChart(new App(), 'My_Models'), /'id' \("My_Models"\)/],
    ...['default', 'kube-system', 'kube-public', 'kube-node-lease', 'gke-managed-system', 'gmp-system'].map(
      (id): [string, () => unknown, RegExp] => [
        `the namespace ${id} to make`,
        () => new ServingChart(new App(), 'm', { namespace: id, cluster: Cluster.gke({ projectId: 'my-project' }) }),
        /'namespace' \(".*"\) is a namespace of the cluster itself.*write createNamespace: false\./,
      ],
    ),
    ['an id that is a namespace of the cluster', () => new ServingChart(new App(), 'default'), /'id' \("default"\) is a namespace of the/],
    ['an unknown Pod Security level', () => new ServingChart(new App(), 'm', { podSecurity: 'strict' }), /'podSecurity' \("strict"\)/],
    ['labels that are none', () => new ServingChart(new App(), 'm', { labels: { 'a b': 'x' } }), /'labels key' \("a b"\)/],
    [
      'another cluster than its scope',
      () => new ServingChart(new ServingApp({ summary: false }).on(kind()), 'm', { cluster: Cluster.minikube() }),
      /'cluster' \("minikube"\) is not the cluster of the scope \(kind\)/,
    ],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test.each(['gke-vision', 'kubernetes', 'defaults'])("a namespace %s is the user's own", (id) => {
  expect(new ServingChart(new App(), id).toJson()[0].metadata.name).toBe(id);
});

test('a chart may add to a namespace of the cluster without making it', () => {
  expect(new ServingChart(new App(), 'agents', { namespace: 'kube-system', createNamespace: false }).namespace).toBe('kube-system');
});

describe('a number of replicas that is no longer written', () => {
  const written = (outdir: string, props: { replicas?: number; autoscaling?: Autoscaling }) => {
    const printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const app = new ServingApp({ outdir });
      const chart = new ServingChart(app.on(kind()), 'models');
      new AutoscaledService(chart, 'ping', { ...PING, ...props });
      app.synth();
      return printed.mock.calls.join('');
    } finally {
      printed.mockRestore();
    }
  };
  const fixed = (replicas: number) => {
    const outdir = freshDir();
    written(outdir, { replicas });
    return outdir;
  };

  test.each([{ autoscaling: Autoscaling.cpu({ maxReplicas: 9 }) }, {}])('comes with the commands that keep the pods: %j', (next) => {
    const summary = written(fixed(5), next);
    expect(summary).toMatch(/kind\/models\.k8s\.yaml: Deployment ping had 5 replicas .* falls to one pod/);
    expect(summary).toContain('kubectl -n models apply edit-last-applied deployment/ping');
    expect(summary).toContain('"metadata":{"name":"ping"},"spec":{"replicas":5}}\' | kubectl -n models apply --server-side');
  });

  test('is said once: afterwards the file has none', () => {
    const outdir = fixed(5);
    written(outdir, {});
    expect(written(outdir, {})).not.toContain('replicas');
  });

  test.each([
    ['another number', 5, { replicas: 3 }],
    ['one, which is the default', 1, {}],
  ])('is nothing to mind where it is %s', (_, before, next) => {
    expect(written(fixed(before), next)).not.toContain('hand-over');
  });

  test('is nothing to mind in a file of somebody else', () => {
    const outdir = fixed(5);
    const file = path.join(outdir, 'kind', 'models.k8s.yaml');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^# Written by.*\n/, ''));
    expect(written(outdir, {})).not.toContain('hand-over');
  });
});

describe('summary', () => {
  const said = (build: (app: ServingApp) => void, outdir = freshDir(), props = {}) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const print = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const app = new ServingApp({ outdir, ...props });
      build(app);
      app.synth();
      expect(print).not.toHaveBeenCalled();
      return write.mock.calls
        .map(([text]) => String(text))
        .join('')
        .split(outdir)
        .join('OUT');
    } finally {
      write.mockRestore();
      print.mockRestore();
    }
  };

  const exposed = (chart: Chart) =>
    new AutoscaledService(chart, 'ping', {
      image: ContainerImage.fromBuild('ping:v1'),
      ports: [{ port: 80, targetPort: 9696 }],
      resources: { requests: { cpu: '1', memory: '1Gi' } },
      exposure: Exposure.external({ allowedCidrs: ['0.0.0.0/0'] }),
    });

  test('says what was made, what to mind and what to type next', () => {
    expect(said((app) => exposed(new ServingChart(app.on(kind()), 'a')))).toMatchSnapshot();
  });

  test('names the namespaces that nobody makes, once for each cluster', () => {
    const text = said((app) => {
      const site = app.on(kind());
      for (const id of ['a', 'b']) ping(new ServingChart(site, id, { namespace: 'elsewhere', createNamespace: false }), id);
      ping(new ServingChart(site, 'c', { namespace: 'shared', createNamespace: false }), 'c');
      ping(new ServingChart(site, 'd', { namespace: 'shared' }), 'd');
      ping(new ServingChart(site, 'e', { namespace: 'default', createNamespace: false }), 'e');
    });
    expect(text).toContain('Warnings (1)');
    expect(text).toContain("kind/a: no chart of this app makes the namespace 'elsewhere'");
  });

  test('applies folders of folders as such', () => {
    const command = (yamlOutputType: YamlOutputType) =>
      /kubectl apply .*/.exec(said((app) => ping(new ServingChart(app.on(kind()), 'a')), freshDir(), { yamlOutputType }))?.[0];
    expect(command(YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE)).toBe('kubectl apply -R -f OUT/kind');
    expect(command(YamlOutputType.FILE_PER_RESOURCE)).toBe('kubectl apply -f OUT/kind');
  });

  test('in a scratch folder of cdk8s synth --stdout there is nothing to apply', () => {
    const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-'));
    outdirs.push(outdir);
    const text = said((app) => exposed(new ServingChart(app.on(kind()), 'a')), outdir);
    expect(text).toContain('everybody may call it');
    expect(text).not.toContain('kubectl');
  });

  const reachText = (names: string[]) => {
    const reach = names.map((name, n) => ({ kind: 'reach', text: `command ${n}`, detail: `reaches ${name}`, path: '' }) as const);
    return summaryText([{ name: 'kind', folder: 'dist/kind', files: 1, objects: 5, warnings: [], notices: reach }], true);
  };

  test('a service that stands in many namespaces is shown once', () => {
    const text = reachText(['a', 'a', 'b', 'a']);
    expect(text.match(/command \d.*/g)).toEqual(['command 0   # reaches a', 'command 2   # reaches b']);
    expect(text).toContain('# and 2 more likewise');
  });

  test('many services are not all listed', () => {
    expect(reachText(Array.from({ length: 12 }, (_, n) => `service-${n}`))).toContain('# and 2 more likewise');
    expect(reachText(['a', 'b'])).not.toContain('likewise');
  });

  test('of many commands that grant access each kind is shown', () => {
    const texts = [
      ...Array.from({ length: 12 }, (_, n) => `kubectl -n a get persistentvolumeclaim claim-${n}`),
      'kubectl -n a create secret tls x',
      'kubectl -n a rollout status deployment/green',
    ];
    const notices = texts.map((text) => ({ kind: 'access', text, detail: 'is for this', path: '' }) as const);
    const text = summaryText([{ name: 'kind', folder: 'dist/kind', files: 1, objects: 5, warnings: [], notices }], true);
    expect(text.match(/get persistentvolumeclaim/g)).toHaveLength(8);
    expect(text).toContain('create secret tls x');
    expect(text).toContain('rollout status deployment/green');
    expect(text).toContain('# and 4 more likewise');
  });

  test('what must be set up first is said where the cluster does not bring it', () => {
    const summary = (cluster: Cluster, exposed = false) => {
      const chart = new ServingChart(new App(), 'models', { cluster });
      new AutoscaledService(chart, 'ping', {
        image: ContainerImage.fromBuild('ping:v1'),
        ports: [{ port: 80 }],
        resources: { requests: { cpu: '1', memory: '1Gi' } },
        autoscaling: Autoscaling.cpu({ maxReplicas: 2 }),
        exposure: exposed ? Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }) : undefined,
      });
      return noticesOf(chart.node.findAll())
        .filter(({ kind }) => kind === 'setup')
        .map(({ text }) => text);
    };
    expect(summary(Cluster.minikube({ registry: true }))).toEqual([
      'minikube start --cni calico',
      expect.stringContaining('minikube addons enable registry'),
      'minikube addons enable metrics-server',
    ]);
    expect(summary(Cluster.minikube())).toEqual(['minikube start --cni calico', 'minikube addons enable metrics-server']);
    expect(summary(Cluster.kind())).toEqual([
      expect.stringContaining('metrics-server/releases'),
      expect.stringContaining('--kubelet-insecure-tls'),
    ]);
    expect(summary(Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project' }), true)).toEqual([
      expect.stringContaining('datapathProvider'),
    ]);
    expect(summary(Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project', autopilot: true }), true)).toEqual([]);
    expect(summary(Cluster.eks({ imageRepository: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/m' }), true)).toEqual([
      expect.stringContaining('enableNetworkPolicy'),
      expect.stringContaining('--addon-name metrics-server'),
      expect.stringContaining('aws-load-balancer-controller'),
    ]);
  });
});

describe('cdk8s synth', () => {
  const cli = path.join(__dirname, '../node_modules/.bin/cdk8s');
  const run = (outdir: string, ...args: string[]) => {
    const script = path.join(outdir, 'main.js');
    fs.writeFileSync(
      script,
      `require(${JSON.stringify(require.resolve('@swc-node/register'))});
       const { ServingApp, ServingChart, Cluster, HashedConfigMap } = require(${JSON.stringify(path.join(__dirname, '../lib'))});
       const app = new ServingApp();
       for (const cluster of [Cluster.kind(), Cluster.minikube()])
         new HashedConfigMap(new ServingChart(app.on(cluster), 'a'), 'c', { name: 'c', data: { a: '1' } });
       app.synth();`,
    );
    return execFileSync(cli, ['synth', '--no-check-upgrade', '--app', `node ${script}`, ...args], {
      cwd: outdir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };

  test('writes to the folder that -o names', () => {
    const dir = freshDir();
    run(dir, '-o', 'out');
    expect(tree(path.join(dir, 'out'))).toEqual(['kind/a.k8s.yaml', 'minikube/a.k8s.yaml']);
  }, 20_000);

  test('prints clean YAML with -p', () => {
    const documents = parseAllDocuments(run(freshDir(), '-p'));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.map((document) => document.toJS().kind).sort()).toEqual(['ConfigMap', 'ConfigMap', 'Namespace', 'Namespace']);
  }, 20_000);
});

test('an output folder that cannot be written is refused by name, and no file of it changes', () => {
  const outdir = freshDir();
  const synth = (image: string) => {
    const app = appIn(outdir);
    for (const cluster of [Cluster.gke({ projectId: 'my-project' }), kind()]) {
      new AutoscaledService(new ServingChart(app.on(cluster), 'models'), 'ping', {
        image: ContainerImage.fromRegistry(image),
        ports: [{ port: 80 }],
        resources: { requests: { cpu: '1', memory: '1Gi' } },
      });
    }
    app.synth();
  };
  synth('example.com/ping:1');
  const before = fs.readFileSync(path.join(outdir, 'gke/models.k8s.yaml'), 'utf8');
  // a folder stands where the second file's temporary is to be: no file can be made there, whoever runs this
  fs.mkdirSync(path.join(outdir, `kind/models.k8s.yaml.${process.pid}.tmp`));
  expect(() => synth('example.com/ping:2')).toThrow(/ServingApp: 'outdir' \(".*"\) cannot be written: EISDIR/);
  expect(fs.readFileSync(path.join(outdir, 'gke/models.k8s.yaml'), 'utf8')).toBe(before);
});
