import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Cluster, ModelSource, ModelSwitch, ServerImage, ServingApp, ServingChart, TfServingModel } from '../../lib';

/** Writes a release with these models, the first of which answers, and returns what the synthesis says. */
function written(outdir: string, [first, ...others]: string[]): string {
  const print = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const app = new ServingApp({ outdir });
    const chart = new ServingChart(app.on(Cluster.kind()), 'models');
    const [active, ...idle] = [first, ...others].map(
      (id) =>
        new TfServingModel(chart, id, {
          modelName: 'ranker',
          source: ModelSource.inImage('/models/ranker'),
          server: ServerImage.official('2.19.1'),
          resources: { requests: { cpu: '1', memory: '1Gi' } },
        }),
    );
    new ModelSwitch(chart, 'ranker', { active, idle });
    app.synth();
    return print.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    print.mockRestore();
  }
}

const folders: string[] = [];
const folder = () => {
  folders.push(fs.mkdtempSync(path.join(os.tmpdir(), 'switch-')));
  return folders[folders.length - 1];
};
afterAll(() => folders.forEach((made) => void fs.rmSync(made, { recursive: true })));

test('a switch to a model that the last release does not have is pointed out: nobody would answer while it starts', () => {
  const outdir = folder();
  expect(written(outdir, ['blue'])).not.toContain('led to');
  expect(written(outdir, ['green', 'blue'])).toContain(
    'Service ranker led to blue in the file that this one replaces, and now leads to green, of which that file has nothing',
  );
});

test('a switch to one that stood beside it is not, nor back again', () => {
  const outdir = folder();
  for (const release of [['blue'], ['blue', 'green'], ['green', 'blue'], ['blue', 'green'], ['blue']]) {
    expect(written(outdir, release)).not.toContain('led to');
  }
});
