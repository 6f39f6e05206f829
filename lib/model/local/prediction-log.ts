/** Fields of a PredictionLog that hold a request: of classify, regress, multi-inference, session, predict, streamed predict. */
const REQUESTS = [2, 3, 4, 5, 6, 7];
const SESSION_RUN = 5;
const METADATA = 1;

/** Wire type of a message in a message. */
const MESSAGE = 2;

/**
 * What keeps data from being a PredictionLog, as far as its outermost fields tell: all of them are messages, and one holds a
 * request that warm-up can replay. Other records, as those of examples for training, have none.
 *
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/apis/prediction_log.proto
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/servables/tensorflow/saved_model_warmup.cc
 */
export function flawOfPredictionLog(data: Buffer): string | undefined {
  let holdsRequest = false;
  for (let at = 0; at < data.length; ) {
    const tag = readVarint(data, at);
    const length = tag && readVarint(data, tag.end);
    if (tag === undefined || length === undefined || tag.value % 8 !== MESSAGE) return 'is no PredictionLog';
    const field = Math.floor(tag.value / 8);
    at = length.end + length.value;
    if (at > data.length || (field !== METADATA && !REQUESTS.includes(field))) return 'is no PredictionLog';
    if (field === SESSION_RUN) return 'is a run of a session, which the server does not replay';
    holdsRequest ||= REQUESTS.includes(field);
  }
  return holdsRequest ? undefined : 'is no PredictionLog with a request';
}

/** A number in as many bytes as it needs, seven bits each, and where it ends. */
function readVarint(data: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 5 && at + index < data.length; index += 1) {
    const byte = data[at + index];
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}
