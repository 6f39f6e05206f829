import { JitLevel, type SessionConfig, sessionConfigFile } from '../../../lib/model/files/session-config';
import { ServerRelease } from '../../../lib/model/server/server-release';

const RELEASE = ServerRelease.parse('test', 'release', '2.8.0');

test('the fields that no flag overwrites', () => {
  const session = {
    allowGrowth: true,
    allowSoftPlacement: true,
    disableThreadSpinning: true,
    globalJitLevel: JitLevel.ON,
    logDevicePlacement: false,
  };
  expect(sessionConfigFile('app', session, RELEASE, { xlaGpuCompilationEnabled: true })).toBe(`gpu_options { allow_growth: true }
allow_soft_placement: true
log_device_placement: false
graph_options {
  optimizer_options { global_jit_level: ON_1 }
}
experimental { disable_thread_spinning: true }
`);
  expect(sessionConfigFile('app', {}, RELEASE)).toBe('');
  expect(sessionConfigFile('app', { globalJitLevel: JitLevel.OFF }, RELEASE)).toContain('global_jit_level: OFF');
});

test.each<[string, SessionConfig, string]>([
  [
    'a field that a flag overwrites',
    { intraOpParallelismThreads: 2 } as SessionConfig,
    "'sessionConfig.intraOpParallelismThreads' (2) is not known",
  ],
  ['a number for a truth value', { allowGrowth: 1 as unknown as boolean }, "'sessionConfig.allowGrowth' (1) must be true or false"],
  ['an unknown level', { globalJitLevel: 'ON_9' as JitLevel }, 'is no JitLevel'],
  ['compiling without XLA', { globalJitLevel: JitLevel.ON }, "needs 'flags.xlaCpuCompilationEnabled'"],
])('%s is refused', (_, session, message) => {
  expect(() => sessionConfigFile('app', session, RELEASE)).toThrow(message);
});

test('a release that would ignore the file is refused', () => {
  const old = ServerRelease.parse('test', 'release', '2.7.4');
  expect(() => sessionConfigFile('app', { allowGrowth: true }, old)).toThrow('needs TensorFlow Serving 2.8.0, but the image has 2.7.4');
});
