import type { IConstruct } from 'constructs';
import { warn } from '../private/notices';
import { hasPlatformConfig } from './flags/command-line';
import { handlersFor } from './flags/threads';
import { unknownFlags } from './flags/user-flag';
import type { TfServingModelProps } from './model-props';
import { largestBatch } from './server-files';
import { ServingProtocol } from './serving-protocol';

/** Warns of flags that the server takes, but that do other than they read. */
export function remarkFlags(model: IConstruct, props: TfServingModelProps): void {
  const { flags = {}, extraFlags = [] } = props;
  if (flags.enableProfiler || extraFlags.includes('--enable_profiler=true')) {
    warn(
      model,
      'flags.enableProfiler: whoever reaches the gRPC port may trace the server, and have it write files where they want',
      'Leave it out, and turn it on only while you measure.',
    );
  }
  for (const flag of unknownFlags(extraFlags)) {
    warn(
      model,
      `extraFlags: ${flag} is not a flag that this library knows, and the server ignores what it does not know`,
      'Check its name against the release that the image holds.',
    );
  }
  if (hasPlatformConfig(flags, extraFlags)) {
    const prop = flags.platformConfigFile === undefined ? 'extraFlags' : 'flags.platformConfigFile';
    warn(
      model,
      `${prop}: with a platform configuration the server takes the threads of its sessions from there, or else the cores of the node`,
      'Set intra_op_parallelism_threads and inter_op_parallelism_threads in its session_config.',
    );
  }
  remarkHandlers(model, props);
}

/** A request keeps its handler thread while it waits for a batch, so that few handlers fill none. */
function remarkHandlers(model: IConstruct, props: TfServingModelProps): void {
  const { flags = {}, protocols = Object.values(ServingProtocol) } = props;
  const rows = largestBatch(props);
  const needed = handlersFor(rows);
  const handlers = { [ServingProtocol.GRPC]: 'grpcMaxThreads', [ServingProtocol.REST]: 'restApiNumThreads' } as const;
  for (const protocol of protocols) {
    const threads = flags[handlers[protocol]];
    if (threads === undefined || threads >= needed) continue;
    warn(
      model,
      `flags.${handlers[protocol]}: ${threads} threads, each of which waits with its request, cannot fill batches of ${rows} rows from requests of one`,
      `Leave it out, raise it to ${needed}, or lower the size of a batch.`,
    );
  }
}
