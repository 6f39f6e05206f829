import * as fs from 'node:fs';
import * as path from 'node:path';
import { transformSync } from '@swc/core';
import * as library from '../lib';
import { check, type KubeObject } from '../lib/check';
import { isError } from '../lib/check/checker';
import { noticesOf } from '../lib/private/notices';
import { referenceApp } from '../main';
import { schemaErrors } from './support/schema';

const readme = fs.readFileSync(path.join(__dirname, '../README.md'), 'utf8');
const blocks = (language: string, page = readme) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code);

/** Runs the program of a page against this library, and returns what it made. */
function runProgram(page = readme): KubeObject[] {
  const { code } = transformSync(blocks('ts', page).join('\n'), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2020' },
    module: { type: 'commonjs' },
  });
  let made: KubeObject[] = [];
  class CollectingApp extends library.ServingApp {
    public override synth(): void {
      made = this.charts.flatMap((chart) => chart.toJson());
    }
  }
  new Function('require', 'exports', code)(
    (name: string) => (name === 'cdk8s-model-serving' ? { ...library, ServingApp: CollectingApp } : require(name)),
    {},
  );
  return made;
}

test('the program of the README works and does what the text says', () => {
  const objects = runProgram();
  expect(objects.flatMap((object) => schemaErrors(object))).toEqual([]);
  const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'gateway');
  expect(gateway?.spec.template.spec.containers[0].env).toContainEqual({
    name: 'TF_SERVING_HOST',
    value: 'resnet.vision.svc.cluster.local:8500',
  });
});

test('the program of the guide to models works', () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  const objects = runProgram(fs.readFileSync(path.join(__dirname, '../docs/models.md'), 'utf8'));
  const said = log.mock.calls.map(([text]) => text);
  log.mockRestore();
  expect(objects.flatMap((object) => schemaErrors(object))).toEqual([]);
  expect(check(objects).filter(isError)).toEqual([]);
  expect(said).toEqual([
    'http://canary.on-gke.svc.cluster.local:8501/v1/models/canary/labels/canary',
    expect.stringMatching(/^secured in on-gke on gke\n/),
  ]);
});

test('the numbers of the README are those of the committed output', () => {
  for (const [, cluster, objects, files] of readme.matchAll(/^ {2}(\w+) +(\d+) objects in (\d+) files? {2}dist\/\w+$/gm)) {
    const folder = path.join(__dirname, '../dist', cluster);
    const texts = fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
    expect([cluster, texts.length]).toEqual([cluster, Number(files)]);
    expect(texts.join('').match(/^---$/gm)).toHaveLength(Number(objects));
  }
  const warnings = noticesOf(referenceApp(new library.ServingApp({ summary: false })).node.findAll()).filter(
    ({ kind }) => kind === 'warning',
  );
  expect(readme).toContain(`\nWarnings (${warnings.length})\n`);
});

test('the commands of the README are scripts that exist', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(__dirname, '../package.json'), 'utf8'));
  const named = [
    ...blocks('sh')
      .join('\n')
      .matchAll(/npm run ([\w:]+)/g),
  ].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(4);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

test('the commands of the README are run as they stand there', () => {
  const run = fs.readFileSync(path.join(__dirname, '../.ci/run'), 'utf8');
  // the commands of another project are taken out of the README by the run itself
  const here = readme.replace(/^## In your own project\n[\s\S]*?^```sh\n[\s\S]*?^```$/m, '');
  const commands = [...here.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.trim().split('\n'));
  expect(commands.length).toBeGreaterThan(7);
  for (const command of [...commands, 'node -r ts-node/register main.ts']) {
    expect(readme).toContain(command);
    expect(run.split('\n').some((line) => !/^\s*(step|#)/.test(line) && line.includes(command))).toBe(true);
  }
});
