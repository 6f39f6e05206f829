import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Duration } from 'cdk8s';
import { ModelSource, ServerImage, ServingChart, TfServingModel } from '../lib';
import { GKE } from './support/render';

const ROOT = path.join(__dirname, '..');
const GUIDE = fs.readFileSync(path.join(ROOT, 'docs/tensorflow-serving.md'), 'utf8');

const rows = [...GUIDE.matchAll(/^\| (\d+) \| (.+) \| (.+) \| `(.+)` \| (.*?) ?\|$/gm)].map(([, number, wrong, right, file, title]) => ({
  number: Number(number),
  wrong,
  right,
  file,
  title,
}));

test('the guide has twenty things to get right, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test.each(rows)('the test of row $number is there: $file', ({ file, title }) => {
  const source = path.join(ROOT, file);
  const quoted = [...fs.readFileSync(source, 'utf8').matchAll(/^ *(?:\]\)\(|test(?:\.each\(.*\))?\()(['"])(.*)\1, /gm)].map(
    (match) => match[2],
  );
  expect(quoted).toContain(title);
});

test('what the guide prints is what the model describes', () => {
  const chart = new ServingChart(new App(), 'vision', { cluster: GKE });
  const ranker = new TfServingModel(chart, 'ranker', {
    source: ModelSource.gcs('gs://my-bucket/ranker', { pollInterval: Duration.minutes(5) }),
    server: ServerImage.official('2.19.1'),
    resources: { requests: { cpu: '2' } },
    modelSize: '500Mi',
  });
  expect(GUIDE).toContain(`\`\`\`\n${ranker.describe()}\`\`\``);
});
