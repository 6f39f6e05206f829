import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ARCHIVE_SCRIPT, type ArchiveVariables } from '../../lib/model/source/archive-script';
import { type Answer, FileServer } from '../support/file-server';
import { missing, type Run, runScript, SHELLS } from '../support/shells';
import { type TarMember, tar } from '../support/tar';

const WEIGHTS = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 251));
const MODEL: TarMember[] = [
  { name: 'saved_model.pb', content: 'graph' },
  { name: 'variables/' },
  { name: 'variables/variables.data-00000-of-00001', content: WEIGHTS },
  { name: "assets/a 'quoted' name", content: 'x' },
];
const below = (directory: string) => MODEL.map(({ name, ...rest }) => ({ name: `${directory}/${name}`, ...rest }));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const absent = missing(['curl', 'tar', 'gzip', 'sha256sum', 'find', 'od']);
const shells = Object.entries(SHELLS);

describe.each(shells)('an archive is downloaded, in %s', (_, shell) => {
  const run = absent.length === 0 ? test : test.skip;
  const reason = absent.length === 0 ? '' : ` (skipped: this machine has no ${absent.join(', ')})`;
  const story = (name: string, body: () => Promise<void>) => run(name + reason, body);
  const server = new FileServer();
  let directory: string;
  let root: string;

  beforeAll(() => server.start());
  afterAll(() => server.stop());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'archive-'));
    root = join(directory, "the 'root'");
    mkdirSync(root);
    server.requests.length = 0;
    server.answers = [];
    server.ranges = true;
    server.file = tar(MODEL);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function fetch(variables: Partial<ArchiveVariables> = {}, stop?: { signal: NodeJS.Signals; when: Promise<unknown> }): Promise<Run> {
    const env: ArchiveVariables = {
      MODEL_ROOT: root,
      MODEL_VERSION: '7',
      MODEL_URL: server.url("/ranker's%20[7].tar?a=b&c=d"),
      MODEL_PROTOCOLS: '=http',
      MODEL_SHA256: sha256(server.file),
      MODEL_TOKEN_FILE: '/dev/null',
      MODEL_BUDGET: '60',
      MODEL_STALL: '30',
      ...variables,
    };
    return runScript(ARCHIVE_SCRIPT, { shell, env: { ...env }, directory, stop });
  }

  const versions = () => readdirSync(root).filter((name) => /^\d+$/.test(name));
  const expectPublished = () => {
    expect(readdirSync(root)).toEqual(['7']);
    expect(readdirSync(join(root, '7')).sort()).toEqual(['assets', 'saved_model.pb', 'variables']);
    expect(readFileSync(join(root, '7/saved_model.pb'), 'utf8')).toBe('graph');
    expect(readFileSync(join(root, '7/variables/variables.data-00000-of-00001')).equals(WEIGHTS)).toBe(true);
    expect(readFileSync(join(root, "7/assets/a 'quoted' name"), 'utf8')).toBe('x');
  };

  story('with its exact content under its number, and not again in a second run', async () => {
    expect(await fetch()).toMatchObject({ code: 0, said: 'Version 7 is published.\n' });
    expectPublished();
    expect(await fetch()).toMatchObject({ code: 0, said: 'Version 7 is there already.\n' });
    expect(server.requests).toEqual([{ path: "/ranker's%20[7].tar?a=b&c=d" }]);
    expectPublished();
  });

  story('packed by gzip, whatever its name', async () => {
    server.file = gzipSync(server.file);
    expect(await fetch()).toMatchObject({ code: 0 });
    expectPublished();
  });

  for (const [name, members] of Object.entries({
    'in a directory': below('ranker'),
    'in the directory of a version': below('./ranker/3'),
  })) {
    story(`a model ${name} is found`, async () => {
      server.file = tar(members);
      expect(await fetch()).toMatchObject({ code: 0 });
      expectPublished();
    });
  }

  for (const [name, answer] of Object.entries<Answer>({
    'breaks off': { breaksAfter: 1000 },
    stalls: { stallsAfter: 1000 },
  })) {
    story(`a download that ${name} goes on where it stopped`, async () => {
      server.answers = [answer];
      const { code, sleeps } = await fetch({ MODEL_STALL: '1' });
      expect({ code, sleeps }).toEqual({ code: 0, sleeps: [1] });
      expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=1000-']);
      expectPublished();
    });
  }

  story('where the server cannot go on in the middle, it starts over', async () => {
    server.ranges = false;
    server.answers = [{ breaksAfter: 20_000 }];
    expect(await fetch()).toMatchObject({ code: 0 });
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=20000-', undefined]);
    expectPublished();
  });

  story('errors and hang-ups are tried again after growing pauses', async () => {
    server.answers = [{ status: 500 }, { hangsUp: true }, { status: 429 }, { status: 503 }];
    expect(await fetch()).toMatchObject({ code: 0, sleeps: [1, 2, 4, 8] });
    expectPublished();
  });

  story('a wrong checksum is downloaded anew once', async () => {
    server.answers = [{ corrupt: true }];
    expect(await fetch()).toMatchObject({ code: 0, said: expect.stringContaining('it starts over') });
    expect(server.requests).toHaveLength(2);
    expectPublished();
  });

  story('a file with another checksum is not published, and the reason is the last word', async () => {
    const { code, said } = await fetch({ MODEL_SHA256: '0'.repeat(64) });
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`has the SHA-256 ${sha256(server.file)}, not 0{64}\\.\\n$`));
    expect(server.requests).toHaveLength(2);
    expect(versions()).toEqual([]);
  });

  for (const status of [401, 403, 404, 410]) {
    story(`HTTP ${status} is not tried again`, async () => {
      server.answers = [{ status }];
      expect(await fetch()).toMatchObject({ code: 1, said: expect.stringMatching(new RegExp(`answers ${status}\\.\\n$`)), sleeps: [] });
      expect(versions()).toEqual([]);
    });
  }

  story('a server that is gone half-way ends in a failure when the time is over, and the next run goes on', async () => {
    server.answers = [{ breaksAfter: 30_000 }, ...Array.from({ length: 1000 }, () => ({ hangsUp: true }))];
    const failed = await fetch({ MODEL_BUDGET: '2' });
    expect(failed).toMatchObject({ code: 1, said: expect.stringMatching(/could not be downloaded within 2 s\.\n$/) });
    expect(Math.max(...failed.sleeps)).toBeLessThanOrEqual(60);
    expect(versions()).toEqual([]);
    server.answers = [];
    server.requests.length = 0;
    expect(await fetch()).toMatchObject({ code: 0 });
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=30000-']);
    expectPublished();
  });

  story('a run that ends between download and publication does not download again', async () => {
    mkdirSync(join(root, '.incoming/unpacked'), { recursive: true });
    writeFileSync(join(root, '.incoming/archive'), server.file);
    writeFileSync(join(root, '.incoming/unpacked/saved_model.pb'), 'half');
    expect(await fetch()).toMatchObject({ code: 0 });
    expect(server.requests).toEqual([]);
    expectPublished();
  });

  story('what is left of a longer file is thrown away', async () => {
    mkdirSync(join(root, '.incoming'));
    writeFileSync(join(root, '.incoming/archive'), Buffer.concat([server.file, server.file]));
    expect(await fetch()).toMatchObject({ code: 0 });
    expectPublished();
  });

  story('a stop is heard at once', async () => {
    server.answers = [{ stallsAfter: 100 }];
    const asked = (async () => {
      while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    })();
    const begun = Date.now();
    expect(await fetch({}, { signal: 'SIGTERM', when: asked })).toMatchObject({ code: 143 });
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(versions()).toEqual([]);
  });

  for (const [name, file, word] of [
    ['no model', tar([{ name: 'README', content: 'x' }]), /holds no saved_model\.pb\.\n$/],
    ['two models', tar([...below('1'), ...below('2')]), /holds more than one model: .*[12]\/saved_model\.pb/],
    ['a link', tar([...MODEL, { name: 'link', link: '/etc/passwd' }]), /cannot be unpacked|neither file nor directory: .*link/],
    ['no archive', Buffer.from('<html>an error</html>'), /cannot be unpacked as \.tar/],
    ['a broken archive', gzipSync(tar(MODEL)).subarray(0, 200), /cannot be unpacked as \.tar/],
    ['a zip archive', Buffer.from('PK\u0003\u0004'), /is a zip archive: pack the model as \.tar\.gz\.\n$/],
  ] as const) {
    story(`${name} is refused, with the reason`, async () => {
      server.file = file;
      expect(await fetch()).toMatchObject({ code: 1, said: expect.stringMatching(word) });
      expect(versions()).toEqual([]);
    });
  }

  for (const [name, members] of Object.entries<TarMember[]>({
    'above itself': [{ name: '../../9/saved_model.pb', content: 'evil' }],
    absolute: [{ name: '/9/saved_model.pb', content: 'evil' }],
    'through a link': [
      { name: 'out', link: '../..' },
      { name: 'out/9/saved_model.pb', content: 'evil' },
    ],
  })) {
    story(`an archive with a path ${name} writes nothing outside`, async () => {
      server.file = tar([...members, ...MODEL]);
      await fetch();
      expect(versions().filter((version) => version !== '7')).toEqual([]);
      expect(existsSync('/9')).toBe(false);
      expect(existsSync(join(directory, '9'))).toBe(false);
    });
  }

  story('a token goes with the request, and to no other host', async () => {
    const token = join(directory, 'token');
    writeFileSync(token, 'abc.DEF-123\n');
    const other = new FileServer();
    await other.start();
    try {
      other.file = server.file;
      server.answers = [{ status: 302, location: other.url('/elsewhere') }];
      expect(await fetch({ MODEL_TOKEN_FILE: token })).toMatchObject({ code: 0 });
      expect(server.requests.map(({ authorization }) => authorization)).toEqual(['Bearer abc.DEF-123']);
      expect(other.requests).toEqual([{ path: '/elsewhere' }]);
      expectPublished();
    } finally {
      await other.stop();
    }
  });

  story('an address that leads to another protocol is not followed', async () => {
    server.answers = [{ status: 302, location: 'file:///etc/passwd' }];
    expect(await fetch()).toMatchObject({ code: 1, said: expect.stringMatching(/another protocol\.\n$/) });
    expect(versions()).toEqual([]);
  });
});
