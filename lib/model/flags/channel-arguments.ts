import { invalid } from '../../private/errors';
import type { FlagValue } from './user-flag';

/** Channel arguments from which the grace period of a stopping pod is counted. */
const ARGUMENTS_OF_THE_STOP = ['grpc.max_connection_age_ms', 'grpc.max_connection_age_grace_ms'];

/** Arguments of the gRPC channel: the model's own, then the user's. Throws where one is malformed, or not for the user to set. */
export function joined(where: string, own: FlagValue | undefined, more: FlagValue): string {
  const prop = 'flags.grpcChannelArguments';
  const parts = String(more).split(',');
  const keys = parts.map((part) => part.split('=')[0]);
  parts.forEach((part, index) => {
    if (!/^[A-Za-z0-9_.]+=[^,=]+$/.test(part)) {
      throw invalid(
        where,
        prop,
        part,
        "must have the form 'key=value': the server crashes on anything else",
        "For example 'grpc.keepalive_time_ms=60000'.",
      );
    }
    if (ARGUMENTS_OF_THE_STOP.includes(keys[index])) {
      throw invalid(
        where,
        prop,
        part,
        'is not for you to set: the grace period of a stopping pod is counted from its value',
        "Leave it out; how long calls may take is said by 'requestTimeout'.",
      );
    }
    if (keys.indexOf(keys[index]) !== index) throw invalid(where, prop, part, 'stands twice', 'Write each key once.');
  });
  return [...(own === undefined ? [] : [String(own)]), ...parts].join(',');
}
