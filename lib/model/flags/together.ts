import { invalid } from '../../private/errors';
import { absolutePath } from '../../private/validate';
import { holds, literal } from '../source/paths';
import { GPU_SHARE, type UserFlag } from './user-flag';

/** Whether a model has GPUs: it may also stand on a pool whose cluster runs the CPU variant instead. */
export type GpuSupport = 'none' | 'stand-in' | 'present';

/** What flags must agree with. */
export interface Surroundings {
  readonly gpus: GpuSupport;
  /** Props that write what a platform configuration replaces. */
  readonly replaceable: string[];
  /** Directories in which the server may make files; undefined where it may anywhere. */
  readonly writable?: string[];
  /** Names of the container's variables, or undefined where sets of them come from elsewhere. */
  readonly variables?: string[];
}

/** Takes sessions, batching and warm-up from a file. */
export const PLATFORM_CONFIG = 'platform_config_file';

/** Flags that the server does not look at where it has a platform configuration. */
const REPLACED_BY_PLATFORM_CONFIG = [
  'enable_model_warmup',
  'mixed_precision',
  'num_request_iterations_for_warmup',
  'num_tflite_interpreters_per_pool',
  'num_tflite_pools',
  'prefer_tflite_model',
  'remove_unused_fields_from_bundle_metagraph',
  'saved_model_tags',
  'tensorflow_inter_op_parallelism',
  'tensorflow_intra_op_parallelism',
  GPU_SHARE,
];

/** Most bytes of the path of a socket. @see https://man7.org/linux/man-pages/man7/unix.7.html */
const SOCKET_PATH_BYTES = 107;

/** Refuses flags of the user that contradict each other or what is around the server. */
export function checkTogether(where: string, flags: UserFlag[], surroundings: Surroundings): void {
  for (const flag of flags) checkReferences(where, flag, surroundings.variables);
  const find = (name: string) => flags.find((flag) => flag.name === name);
  const share = find(GPU_SHARE);
  if (share && surroundings.gpus === 'none') {
    throw invalid(where, share.prop, share.shown, "says how a GPU is shared, but the model has no 'pool' with GPUs", 'Leave it out.');
  }
  for (const pools of [find('num_tflite_pools'), find('num_tflite_interpreters_per_pool')]) {
    if (pools === undefined || isOn(find('prefer_tflite_model'))) continue;
    const rule = "says how TFLite is run, but 'preferTfliteModel' does not say that it is";
    throw invalid(where, pools.prop, pools.shown, rule, 'Set both, or neither.');
  }
  const iterations = find('num_request_iterations_for_warmup');
  if (iterations && find('enable_model_warmup')?.value === false) {
    const rule = "says how warm-up records are replayed, but 'enableModelWarmup' says that they are not";
    throw invalid(where, iterations.prop, iterations.shown, rule, 'Leave out one of them.');
  }
  checkSocket(where, find('grpc_socket_path'), surroundings.writable);
  checkPlatformConfig(where, flags, surroundings.replaceable);
}

/** Whether a flag is true, or may be so by a variable. */
function isOn(flag: UserFlag | undefined): boolean {
  return flag !== undefined && flag.value !== false;
}

function checkPlatformConfig(where: string, flags: UserFlag[], replaceable: string[]): void {
  const platform = flags.find(({ name }) => name === PLATFORM_CONFIG);
  if (!platform) return;
  const replaced = flags.find(({ name }) => REPLACED_BY_PLATFORM_CONFIG.includes(name))?.prop ?? replaceable[0];
  if (replaced === undefined) return;
  throw invalid(
    where,
    platform.prop,
    platform.shown,
    `makes the server ignore '${replaced}'`,
    `Say it in the platform configuration, and leave out '${replaced}'.`,
  );
}

function checkSocket(where: string, flag: UserFlag | undefined, writable: string[] | undefined): void {
  if (flag === undefined) return;
  const { prop, shown } = flag;
  const path = literal(where, prop, absolutePath(where, prop, String(flag.value)));
  const wayOut = "For example '/tmp/grpc.sock'.";
  if (path.endsWith('/') || Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw invalid(where, prop, shown, `must be the path of a socket, of at most ${SOCKET_PATH_BYTES} bytes`, wayOut);
  }
  if (writable === undefined || writable.some((directory) => holds(directory, path) && !holds(path, directory))) return;
  const rule = `lies where the server cannot make files: it can in ${writable.join(', ')}`;
  throw invalid(where, prop, shown, rule, wayOut);
}

function checkReferences(where: string, flag: UserFlag, variables: string[] | undefined): void {
  if (variables === undefined || typeof flag.value !== 'string') return;
  for (const [, , name] of flag.value.matchAll(/\$(\$|\(([^)]+)\))/g)) {
    if (name === undefined || variables.includes(name)) continue;
    throw invalid(
      where,
      flag.prop,
      flag.shown,
      `refers to the variable '${name}', which the container does not have, so that the text itself would reach the server`,
      "Set it in 'env' or 'envVars'.",
    );
  }
}
