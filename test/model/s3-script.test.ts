import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3_FOLLOW_SCRIPT, S3_SCRIPT, type S3Variables } from '../../lib/model/source/s3-script';
import { fakeAws } from '../support/fake-aws';
import { missing, runScript, SHELLS } from '../support/shells';

const absent = missing(['timeout', 'sort', 'sed', 'diff']);

describe.each(Object.entries(SHELLS))('a bucket of S3 is brought into the pod, in %s', (_, shell) => {
  const run = absent.length === 0 ? test : test.skip;
  const reason = absent.length === 0 ? '' : ` (skipped: this machine has no ${absent.join(', ')})`;
  const story = (name: string, body: () => Promise<void>) => run(name + reason, body);
  let directory: string;
  let root: string;
  let aws: ReturnType<typeof fakeAws>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 's3-'));
    root = join(directory, "the 'root'");
    mkdirSync(root);
    aws = fakeAws(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const inBucket = (version: string, ...files: string[]) => {
    const at = join(directory, 'bucket/ranker', version);
    mkdirSync(at, { recursive: true });
    for (const file of files) writeFileSync(join(at, file), `${file} of ${version}`);
  };
  const outOfBucket = (version: string) => rmSync(join(directory, 'bucket/ranker', version), { recursive: true });
  const faults = (...words: string[]) => writeFileSync(join(directory, 'faults'), words.map((word) => `${word}\n`).join(''));
  const published = () => readdirSync(root).filter((name) => !name.startsWith('.'));
  const syncs = () => aws.calls().filter((call) => call.startsWith('sync'));
  const execute = (script: string, variables: Partial<S3Variables>) =>
    runScript(script, {
      shell,
      directory,
      env: { ...aws.env, MODEL_ROOT: root, MODEL_URI: 's3://bucket/ranker', MODEL_VERSIONS: 'newest', MODEL_BUDGET: '60', ...variables },
    });
  const bring = (MODEL_VERSIONS: string, variables: Partial<S3Variables> = {}) => execute(S3_SCRIPT, { MODEL_VERSIONS, ...variables });

  /** Looks for newer versions as often as there are steps, each of which is taken before a look; then it ends with 99. */
  function look(...steps: (string | undefined)[]) {
    const cases = steps.map((step, index) => `${index}) ${step ?? ':'} ;;`).join('\n');
    const wait = `looks=0\nwait_for_look() {\n  case $looks in\n${cases}\n*) exit 99 ;;\n  esac\n  looks=$((looks + 1))\n}\n`;
    return execute(wait + S3_FOLLOW_SCRIPT.replace('attended sleep "$MODEL_POLL"', 'wait_for_look'), { MODEL_POLL: '300' });
  }

  describe('pinned versions', () => {
    story('are published with their content, and not brought again in a second run', async () => {
      inBucket('3', 'saved_model.pb', 'w');
      inBucket('4', 'saved_model.pbtxt');
      inBucket('5', 'saved_model.pb');
      expect(await bring('3 4')).toMatchObject({ code: 0, said: 'Version 3 is published.\nVersion 4 is published.\n' });
      expect(readdirSync(root).sort()).toEqual(['3', '4']);
      expect(readFileSync(join(root, '3/w'), 'utf8')).toBe('w of 3');
      const calls = aws.calls().length;
      expect(await bring('3 4')).toMatchObject({ code: 0, said: '' });
      expect(aws.calls()).toHaveLength(calls);
    });

    story('that break off are tried again after growing pauses', async () => {
      inBucket('3', 'saved_model.pb', 'w');
      faults('break', 'break', 'break');
      expect(await bring('3')).toMatchObject({ code: 0, sleeps: [1, 2, 4] });
      expect(readFileSync(join(root, '3/w'), 'utf8')).toBe('w of 3');
    });

    story('that change while they are read are read again', async () => {
      inBucket('3', 'saved_model.pb');
      faults('grow');
      expect(await bring('3')).toMatchObject({ code: 0, said: expect.stringContaining('changed while it was read') });
      expect(readFileSync(join(root, '3/more'), 'utf8')).toBe('more\n');
    });

    for (const [name, files] of [
      ['that are not there', []],
      ['without a model', ['README']],
    ] as const) {
      story(`${name} end in a failure that says why`, async () => {
        inBucket('3', ...files);
        if (files.length === 0) outOfBucket('3');
        const { code, said } = await bring('3', { MODEL_BUDGET: '2' });
        expect(code).toBe(1);
        expect(said).toContain('s3://bucket/ranker/3/ holds no saved_model.pb.');
        expect(said).toMatch(/s3:\/\/bucket\/ranker\/ could not be read within 2 s\.\n$/);
        expect(published()).toEqual([]);
      });
    }

    story('of a store that is away end in a failure, and the next run brings them', async () => {
      inBucket('3', 'saved_model.pb');
      writeFileSync(join(directory, 'down'), '');
      expect(await bring('3', { MODEL_BUDGET: '2' })).toMatchObject({ code: 1, said: expect.stringContaining('Could not connect') });
      expect(published()).toEqual([]);
      rmSync(join(directory, 'down'));
      expect(await bring('3')).toMatchObject({ code: 0 });
      expect(published()).toEqual(['3']);
    });
  });

  describe('the newest version', () => {
    story('is the largest number that has its model', async () => {
      for (const version of ['3', '12', '007', 'latest', '5-old', '5 old']) inBucket(version, 'saved_model.pb');
      inBucket('13', 'variables');
      expect(await bring('newest')).toMatchObject({ code: 0, said: 'Version 12 is published.\n' });
      expect(published()).toEqual(['12']);
    });

    story('is left alone by a second run, also where the bucket has a newer one', async () => {
      inBucket('3', 'saved_model.pb');
      await bring('newest');
      inBucket('4', 'saved_model.pb');
      expect(await bring('newest')).toMatchObject({ code: 0, said: '3 is there already.\n' });
      expect(syncs()).toHaveLength(1);
    });

    story('of an empty bucket ends in a failure that says why', async () => {
      expect(await bring('newest', { MODEL_BUDGET: '2' })).toMatchObject({
        code: 1,
        said: expect.stringContaining('s3://bucket/ranker/ holds no version with a saved_model.pb.'),
      });
    });
  });

  describe('followed', () => {
    beforeEach(async () => {
      inBucket('3', 'saved_model.pb');
      if (absent.length === 0) await bring('newest');
    });

    const upload = (version: string, file: string) =>
      `mkdir -p "$FAKE/bucket/ranker/${version}"; echo ${version} >"$FAKE/bucket/ranker/${version}/${file}"`;

    story('a new version is published when two looks found the same in it', async () => {
      inBucket('4', 'saved_model.pb');
      expect(await look(undefined)).toMatchObject({ code: 99, said: '' });
      expect(published()).toEqual(['3']);
      expect(await look(undefined, undefined)).toMatchObject({ said: 'Version 4 is published.\n' });
      expect(published()).toEqual(['3', '4']);
    });

    story('one that still grows waits', async () => {
      inBucket('4', 'saved_model.pb');
      expect((await look(undefined, upload('4', 'w'), undefined)).said).toBe('Version 4 is published.\n');
      expect(readFileSync(join(root, '4/w'), 'utf8')).toBe('4\n');
      expect(syncs()).toEqual(['sync bucket/ranker/3/', 'sync bucket/ranker/4/', 'sync bucket/ranker/4/']);
    });

    story('two versions at most are on the disk', async () => {
      inBucket('4', 'saved_model.pb');
      const { said } = await look(undefined, undefined, upload('5', 'saved_model.pb'), undefined);
      expect(said).toBe('Version 4 is published.\nVersion 5 is published.\n');
      expect(published()).toEqual(['4', '5']);
    });

    story('a version that leaves the bucket leaves the pod, for the one before', async () => {
      inBucket('4', 'saved_model.pb');
      await look(undefined, undefined);
      outOfBucket('4');
      await look(undefined);
      expect(published()).toEqual(['3']);
    });

    story('an empty bucket and a store that is away change nothing, and end nothing', async () => {
      const { code, said } = await look('rm -r "$FAKE/bucket/ranker"', ': >"$FAKE/down"', undefined);
      expect(code).toBe(99);
      expect(said.match(/holds no version with a saved_model\.pb: the pod keeps what it has/g)).toHaveLength(1);
      expect(said.match(/Looks again in 300 s/g)).toHaveLength(3);
      expect(published()).toEqual(['3']);
    });

    story('one that breaks off is not published, and brought by a later look', async () => {
      inBucket('4', 'saved_model.pb', 'w');
      faults('break');
      expect((await look(undefined)).said).toContain('Looks again in 300 s.');
      expect(published()).toEqual(['3']);
      await look(undefined, undefined);
      expect(readFileSync(join(root, '4/w'), 'utf8')).toBe('w of 4');
      expect(existsSync(join(root, '.incoming/4'))).toBe(false);
    });
  });
});
