import * as fs from 'node:fs';

/** What a file of records is like. */
export interface Records {
  readonly count: number;
  /** What is wrong with it, by the number of its first bad record; from there on nothing was read. */
  readonly flaw?: string;
}

const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;
const GZIP = 0x8b1f;

/**
 * Reads a TFRecord file record by record: an 8-byte length with its checksum, the data with theirs.
 *
 * @param flawOf what is wrong with the data of a record, if anything is.
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function readRecords(path: string, flawOf: (data: Buffer) => string | undefined = () => undefined): Records {
  const file = fs.openSync(path, 'r');
  try {
    const { size } = fs.fstatSync(file);
    let count = 0;
    for (let at = 0; at < size; count += 1) {
      const record = readRecord(file, at, size, flawOf);
      if (typeof record === 'string') return { count, flaw: `record ${count + 1} ${record}` };
      at = record;
    }
    return { count };
  } finally {
    fs.closeSync(file);
  }
}

/** Where the next record begins, or what is wrong with this one. */
function readRecord(file: number, at: number, size: number, flawOf: (data: Buffer) => string | undefined): number | string {
  if (size - at < HEADER_BYTES) return 'is cut off in its header';
  const header = readBytes(file, at, HEADER_BYTES);
  if (header.readUInt32LE(8) !== maskedChecksum(header.subarray(0, 8))) {
    const packed = at === 0 && header.readUInt16LE(0) === GZIP;
    return packed ? 'is compressed, which the server does not read' : 'has a length whose checksum is wrong';
  }
  const length = header.readBigUInt64LE(0);
  const rest = size - at - HEADER_BYTES - FOOTER_BYTES;
  if (rest < 0 || length > BigInt(rest)) return 'is cut off in its data';
  const body = readBytes(file, at + HEADER_BYTES, Number(length) + FOOTER_BYTES);
  const data = body.subarray(0, Number(length));
  if (body.readUInt32LE(data.length) !== maskedChecksum(data)) return 'has data whose checksum is wrong';
  return flawOf(data) ?? at + HEADER_BYTES + body.length;
}

function readBytes(file: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  for (let read = 0; read < length; ) {
    const got = fs.readSync(file, buffer, read, length - read, at + read);
    if (got === 0) break;
    read += got;
  }
  return buffer;
}

/** Polynomial of CRC-32C, its bits turned around. */
const CASTAGNOLI = 0x82f63b78;

const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let checksum = byte;
  for (let bit = 0; bit < 8; bit += 1) checksum = checksum & 1 ? (checksum >>> 1) ^ CASTAGNOLI : checksum >>> 1;
  return checksum;
});

/** CRC-32C, masked as records have it, since a checksum of data that hold checksums is a poor one. */
export function maskedChecksum(data: Uint8Array): number {
  let checksum = 0xffffffff;
  for (const byte of data) checksum = CHECKSUMS[(checksum ^ byte) & 0xff] ^ (checksum >>> 8);
  checksum = ~checksum >>> 0;
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
