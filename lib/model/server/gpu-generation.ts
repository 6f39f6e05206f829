import type { ModelPlacement } from '../serving/model-pool';
import type { ServerImage } from './server-image';

/** First generation of CUDA with programs for a generation of GPUs, by the first number of the compute capability. */
const CUDA_SINCE: { readonly [generation: string]: string } = { 6: '8.0', 7: '9.0', 8: '11.0', 9: '11.8', 10: '12.8', 12: '12.8' };

/** Generation from which on compiling at the start fails too. @see https://github.com/tensorflow/serving/issues/4112 */
const FIRST_FAILING = 10;

/** That an image is older than the GPUs of a pool. */
export interface GenerationGap {
  readonly reason: string;
  /** Whether every request fails; else the server compiles what it lacks, which takes long, where that works. */
  readonly fatal: boolean;
}

/** Whether one of the project's images has no programs for the GPUs of a pool; nothing where it has, or where that is unknown. */
export function generationGap({ cuda }: ServerImage, placement: ModelPlacement | undefined): GenerationGap | undefined {
  const { gpu, gpuComputeCapability: capability, gpuName = 'the GPU' } = placement ?? { gpu: false };
  if (!gpu || capability === undefined || cuda === undefined) return undefined;
  const generation = capability.split('.')[0];
  const needed = CUDA_SINCE[generation];
  if (needed === undefined || !isOlder(cuda, needed)) return undefined;
  const reason = `has CUDA ${cuda}, but ${gpuName} with its compute capability ${capability} needs CUDA ${needed}`;
  return { reason, fatal: Number(generation) >= FIRST_FAILING };
}

function isOlder(cuda: string, than: string): boolean {
  const [[major, minor], [otherMajor, otherMinor]] = [cuda, than].map((version) => version.split('.').map(Number));
  return major === otherMajor ? minor < otherMinor : major < otherMajor;
}
