import { spawn } from 'node:child_process';
import * as net from 'node:net';
import type { Question } from '../../../lib/model/versions/questions';
import { readinessCommand } from '../../../lib/model/versions/readiness-script';

/** Answers by path; a path without one is never answered. */
interface Answers {
  readonly [path: string]: string;
}

const METADATA = (of: string): Question => ({ path: `/v1/models/${of}/metadata`, listsVersions: false });
const STATUS: Question = { path: '/v1/models/ranker', listsVersions: true };
const OK = 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"metadata":{}}';
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{ "error": "Servable not found for request" }';

const statusAs = (states: string[], indent?: number) => {
  const versions = states.map((state, index) => ({ version: `${index + 1}`, state, status: { error_code: 'OK', error_message: '' } }));
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify({ model_version_status: versions }, null, indent)}`;
};
const status = (...states: string[]) => `${statusAs(states, 1)}\n`;

/** Runs the script with the real shell against a server with these answers. */
async function run(questions: Question[], answers: Answers, limitSeconds = 4) {
  const requests: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    let request = '';
    socket.on('data', (data) => {
      request += data;
      if (!request.endsWith('\r\n\r\n')) return;
      requests.push(request);
      const answer = answers[request.split(' ')[1]];
      if (answer !== undefined) socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  try {
    return { ...(await runOn(port, questions, limitSeconds)), requests };
  } finally {
    server.close();
  }
}

function runOn(
  port: number,
  questions: Question[],
  limitSeconds: number,
): Promise<{ code: number | null; output: string; seconds: number }> {
  const [program, ...args] = readinessCommand(port, questions, limitSeconds);
  const started = Date.now();
  // nothing that lies on a path may be needed
  const child = spawn(program, args, { env: { PATH: '/nowhere' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, seconds: (Date.now() - started) / 1000 })));
}

const BOTH = [METADATA('ranker/labels/stable'), METADATA('detector')];

test('a server that answers every question with 200 is ready, and nothing is printed', async () => {
  const { code, output, requests } = await run(BOTH, { [BOTH[0].path]: OK, [BOTH[1].path]: OK });
  expect({ code, output }).toEqual({ code: 0, output: '' });
  expect(requests).toEqual([
    'GET /v1/models/ranker/labels/stable/metadata HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n',
    'GET /v1/models/detector/metadata HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n',
  ]);
});

test.each([
  ['the first', 0],
  ['the last', 1],
])('one that misses %s of them is not, and says which', async (_, missing) => {
  const { code, output } = await run(BOTH, { [BOTH[0].path]: OK, [BOTH[1].path]: OK, [BOTH[missing].path]: NOT_FOUND });
  expect({ code, output }).toEqual({ code: 1, output: `Not ready: ${BOTH[missing].path} answers HTTP/1.1 404 Not Found\n` });
});

test.each([
  ['hangs up', '', 'gets no answer'],
  ['speaks something else', 'SSH-2.0-x\r\n', 'answers SSH-2.0-x'],
  ['is too busy', 'HTTP/1.1 503 Busy\r\n\r\n', 'answers HTTP/1.1 503 Busy'],
])('one that %s is not', async (_, answer, why) => {
  const { code, output } = await run([METADATA('ranker')], { '/v1/models/ranker/metadata': answer });
  expect({ code, output }).toEqual({ code: 1, output: `Not ready: /v1/models/ranker/metadata ${why}\n` });
});

// those that mostly wait, wait together
test.concurrent('one that never answers is not, before the kubelet loses its patience', async () => {
  const { code, output, seconds } = await run(BOTH, { [BOTH[0].path]: OK }, 2);
  expect({ code, output }).toEqual({ code: 1, output: 'Not ready: /v1/models/detector/metadata does not answer in time\n' });
  expect(seconds).toBeLessThan(4);
});

test.concurrent('one that stops in the middle of its list of versions is not', async () => {
  const server = net.createServer((socket) => void socket.on('error', () => {}).write('HTTP/1.1 200 OK\r\n\r\n{"state": "AVAILABLE"'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { code, output } = await runOn((server.address() as net.AddressInfo).port, [STATUS], 1);
  expect({ code, output }).toEqual({ code: 1, output: 'Not ready: /v1/models/ranker does not answer in time\n' });
  server.close();
});

test('nobody there is not ready either', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(await runOn(port, BOTH, 1)).toMatchObject({ code: 1, output: `Not ready: nobody listens on port ${port}\n` });
});

test.each<[string, string, number, string]>([
  ['all available', status('AVAILABLE', 'AVAILABLE'), 0, ''],
  ['all available, on one line', statusAs(['AVAILABLE', 'AVAILABLE']), 0, ''],
  ['one that loads', status('AVAILABLE', 'LOADING'), 1, 'has a version that is LOADING'],
  ['one that failed', status('END', 'AVAILABLE'), 1, 'has a version that is END'],
  ['none', status(), 1, 'has no version'],
])('a model whose versions are not known by number: %s', async (_, answer, expected, why) => {
  const { code, output } = await run([STATUS], { '/v1/models/ranker': answer });
  expect({ code, output }).toEqual({ code: expected, output: why && `Not ready: /v1/models/ranker ${why}\n` });
});

test('neither the kubelet nor YAML changes the script', () => {
  const [, , script] = readinessCommand(8501, [...BOTH, STATUS]);
  expect(script).not.toMatch(/\$\(|\$\$|\t|\r/);
});
