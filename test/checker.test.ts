import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Checker, Severity } from '../lib';
import { RULES } from '../lib/check/checker';

const checker = new Checker();
const configMap = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
const list = (...items: unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });

test('a finding names its rule, its object, the place in it, and what to do', () => {
  const objects = [configMap('good'), configMap('bad', { data: { key: null } })];
  expect(checker.check(objects)).toEqual([
    {
      rule: 'null-value',
      severity: Severity.ERROR,
      object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'bad' },
      index: 1,
      path: 'data.key',
      message: 'data.key is left blank',
      fix: 'Give it a value, or remove it.',
    },
  ]);
});

test('an object that stands in no namespace is named without one', () => {
  const [{ object }] = checker.check([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'models', namespace: 'x', labels: { a: null } } },
  ]);
  expect(object).toEqual({ apiVersion: 'v1', kind: 'Namespace', name: 'models' });
});

test('errors come before warnings', () => {
  const objects = parseAllDocuments(`
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: { name: a }
`).map((document) => document.toJS());
  expect(checker.check(objects).map(({ severity, rule }) => [severity, rule])).toEqual([
    ['error', 'removed-api-version'],
    ['warning', 'open-load-balancer'],
  ]);
});

describe('lists', () => {
  test('objects of a List are judged, also among each other and in lists of lists', () => {
    const findings = checker.check([configMap('a'), list(configMap('b'), list(configMap('c', { data: { key: null } }), configMap('a')))]);
    expect(findings.map(({ rule, index, path, object }) => [rule, index, path, object.name])).toEqual([
      ['duplicate-object', 1, 'items[1].items[1].metadata.name', 'a'],
      ['null-value', 1, 'items[1].items[0].data.key', 'c'],
    ]);
  });

  test('lists of one kind count too, and a list in itself comes to an end', () => {
    const endless = list(configMap('a'));
    endless.items.push(endless);
    expect(checker.check([endless])).toEqual([]);
    expect(checker.check([{ apiVersion: 'v1', kind: 'ConfigMapList', items: [{}] }])[0].rule).toBe('not-an-object');
  });

  test('a kind that merely ends in List is an object', () => {
    expect(checker.check([{ apiVersion: 'example.com/v1', kind: 'AllowList', metadata: { name: 'a' }, spec: {} }])).toEqual([]);
  });
});

describe('skip', () => {
  const objects = [configMap('a', { data: { key: null } })];

  test('leaves out the rules that it names', () => {
    expect(checker.check(objects)).toHaveLength(1);
    expect(new Checker({ skip: ['null-value'] }).check(objects)).toEqual([]);
  });

  test('names rules that exist', () => {
    expect(() => new Checker({ skip: ['no-such-rule'] })).toThrow(
      /^Checker: 'skip' \("no-such-rule"\) is no rule\. Rules are: .*null-value/,
    );
    expect(() => new Checker({ skip: 'null-value' as unknown as string[] })).toThrow(/'skip' \("null-value"\) must be a list of texts/);
  });
});

describe('whatever comes in', () => {
  test('empty documents are passed over', () => {
    expect(checker.check([null, undefined, configMap('a'), null])).toEqual([]);
    expect(checker.check([])).toEqual([]);
  });

  test.each([5, 'text', true, [], {}, [[]], Symbol('x'), BigInt(1), () => {}])('%p is a finding', (value) => {
    const findings = checker.check([value]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'error', index: 0, path: '$', object: { apiVersion: '', kind: '', name: '' } });
  });

  test.each([null, {}, 'x', undefined])('%p is no list of objects', (value) => {
    expect(() => checker.check(value as unknown as any[])).toThrow(/^Checker.check: 'objects' \(.*\) must be a list of objects/);
  });

  test('names that every JavaScript object has are names like others', () => {
    const odd = JSON.parse('{"apiVersion":"constructor","kind":"name","metadata":{"name":"toString","labels":{"__proto__":"x"}}}');
    expect(checker.check([odd])).toEqual([]);
  });
});

/** Manifests of the reference app, with one object of each further kind that rules know. */
const MANIFESTS: object[] = [
  ...['gke/b-autoscaling', 'minikube/c-inception', 'gke/a-resnet-gpu'].flatMap((file) =>
    parseAllDocuments(fs.readFileSync(path.join(__dirname, `../dist/${file}.k8s.yaml`), 'utf8')).map((document) => document.toJS()),
  ),
  configMap('x', { data: {} }),
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'writer' },
    spec: { selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['writer'] }] }, maxUnavailable: '50%' },
  },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'models' }, spec: { accessModes: ['ReadWriteOnce'] } },
  {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'x', namespace: 'c-inception' },
    spec: { scaleTargetRef: { name: 'inception-ui-deployment' }, maxReplicaCount: 5 },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'writer' },
    spec: {
      template: {
        metadata: { labels: { app: 'writer' } },
        spec: {
          initContainers: [{ name: 'a', command: ['env', '-S', 'sh -c x'], lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } }],
          containers: [
            {
              name: 'b',
              image: 'tensorflow/serving:1',
              args: ['--model_base_path=s3://$(A)'],
              env: [{ name: 'A', value: 'b.default.svc:80' }],
              livenessProbe: { initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 3 },
            },
          ],
          volumes: [{ name: 'm', persistentVolumeClaim: { claimName: 'models' } }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'gpu', operator: 'In', values: ['nvidia-tesla-k80'] }] }],
              },
            },
          },
        },
      },
    },
  },
];

/** Every place in a value, as the holder and the key. */
function places(value: any, found: { holder: any; key: string }[] = []) {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value, key });
    places(value[key], found);
  }
  return found;
}

const replacement = fc.oneof(
  fc.constantFrom(null, undefined, '', 0, -1, Number.NaN, true, [], {}, [null], [[]], { name: null }, '25%', 'a/b:c@d'),
  fc.anything({ maxDepth: 2 }),
);

const RULE_IDS = new Set(RULES.map(({ id }) => id));

test('no change of a manifest makes a rule stumble', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), replacement), { minLength: 1, maxLength: 12 }), (changes) => {
      const objects = structuredClone(MANIFESTS);
      const all = places(objects);
      for (const [number, value] of changes) {
        const { holder, key } = all[number % all.length];
        holder[key] = structuredClone(value);
      }
      const odd = checker
        .check(objects)
        .filter(
          ({ rule, index, path: place, message }) =>
            !RULE_IDS.has(rule) || !(index < objects.length) || !place || /undefined\b|\[object/.test(message),
        );
      expect(odd).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('four thousand services are judged in a moment', () => {
  const many = Array.from({ length: 4000 }, (_, index) => {
    const labels = { app: 'same', instance: `i${index}` };
    const spec = { selector: labels, ports: [{ port: 80 }] };
    return [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: `s${index}` }, spec },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `d${index}` }, spec: { template: { metadata: { labels } } } },
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: `h${index}` },
        spec: { scaleTargetRef: { kind: 'Deployment', name: `d${index}` } },
      },
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: `p${index}` },
        spec: { selector: { matchLabels: labels } },
      },
    ];
  }).flat();
  // time on the CPU, since the machine may have other work
  const start = process.cpuUsage();
  checker.check(many);
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(3);
});
