import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { maskedChecksum } from '../../lib/model/local/records';

/** A file of records as TensorFlow writes it. */
export function records(...data: Buffer[]): Buffer {
  return Buffer.concat(
    data.flatMap((record) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(record.length));
      return [length, checksum(length), record, checksum(record)];
    }),
  );
}

function checksum(data: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(maskedChecksum(data));
  return bytes;
}

const made: string[] = [];

afterAll(() => {
  for (const root of made) fs.rmSync(root, { recursive: true });
});

/** A new directory with these files, until the tests of the file have ended. */
export function directoryWith(files: { readonly [file: string]: string | Buffer }): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'local-model-'));
  made.push(root);
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), content);
  }
  return root;
}

export const WARM_UP = 'assets.extra/tf_serving_warmup_requests';

/** A model that the server would load and warm up. */
export const LOCAL_MODEL = directoryWith({
  '1/saved_model.pb': 'graph',
  '1/variables/variables.index': 'index',
  [`1/${WARM_UP}`]: records(Buffer.from('2\u0001a')),
});
