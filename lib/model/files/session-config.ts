import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { FLAGS } from '../flags/flag-table';
import type { ServerFlags } from '../flags/server-flags';
import type { ServerRelease } from '../server/server-release';
import { ProtoSymbol, textProto } from './text-proto';

/** How much of a graph XLA compiles by itself, where the model does not say. */
export enum JitLevel {
  /** Nothing. */
  OFF = 'OFF',
  /** Clusters of operations that gain by it. */
  ON = 'ON_1',
}

/**
 * How TensorFlow runs models: the fields of its ConfigProto that the server's flags leave alone. Needs release 2.8. Threads
 * and the share of GPU memory are flags, which overwrite what a session configuration says.
 */
export interface SessionConfig {
  /**
   * Whether GPU memory is taken as it is needed, instead of all of it at the start.
   *
   * @default false
   */
  readonly allowGrowth?: boolean;

  /**
   * Whether an operation without a kernel for the GPU runs on the CPU.
   *
   * @default false
   */
  readonly allowSoftPlacement?: boolean;

  /**
   * Whether idle threads sleep at once. They spin otherwise, which uses up a CPU limit.
   *
   * @default false
   */
  readonly disableThreadSpinning?: boolean;

  /**
   * How much XLA compiles by itself. Needs one of the flags that switch XLA on.
   *
   * @default JitLevel.OFF
   */
  readonly globalJitLevel?: JitLevel;

  /**
   * Whether the device of each operation is logged.
   *
   * @default false
   */
  readonly logDevicePlacement?: boolean;
}

const SHAPE: Shape<SessionConfig> = {
  allowGrowth: 'truth',
  allowSoftPlacement: 'truth',
  disableThreadSpinning: 'truth',
  globalJitLevel: 'text',
  logDevicePlacement: 'truth',
};

const FLAG = 'tensorflow_session_config_file';

/**
 * The server's tensorflow_session_config_file.
 *
 * @throws where the release ignores the file, or the level of XLA is none or needs a flag.
 */
export function sessionConfigFile(where: string, session: SessionConfig, release: ServerRelease, flags: ServerFlags = {}): string {
  checkShape(where, session, SHAPE, [], 'sessionConfig');
  const { since } = FLAGS[FLAG];
  if (!release.atLeast(since)) {
    const rule = `needs TensorFlow Serving ${since}, but the image has ${release}, which would ignore it silently`;
    throw invalid(where, 'sessionConfig', session, rule, 'Use a newer image, or leave it out.');
  }
  checkJit(where, session.globalJitLevel, flags);
  return textProto({
    gpu_options: message({ allow_growth: session.allowGrowth }),
    allow_soft_placement: session.allowSoftPlacement,
    log_device_placement: session.logDevicePlacement,
    graph_options: session.globalJitLevel && { optimizer_options: { global_jit_level: new ProtoSymbol(session.globalJitLevel) } },
    experimental: message({ disable_thread_spinning: session.disableThreadSpinning }),
  });
}

function message(fields: { [field: string]: boolean | undefined }) {
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined;
}

function checkJit(where: string, level: JitLevel | undefined, flags: ServerFlags): void {
  if (level === undefined) return;
  const prop = 'sessionConfig.globalJitLevel';
  if (!Object.values(JitLevel).includes(level)) throw invalid(where, prop, level, 'is no JitLevel', 'For example JitLevel.ON.');
  if (level === JitLevel.ON && !flags.xlaCpuCompilationEnabled && !flags.xlaGpuCompilationEnabled) {
    throw invalid(
      where,
      prop,
      level,
      "needs 'flags.xlaCpuCompilationEnabled' or 'flags.xlaGpuCompilationEnabled', without which compiling fails",
      'Set one of them.',
    );
  }
}
