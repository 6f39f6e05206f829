import { invalid } from '../../private/errors';
import { isWellFormed } from '../../private/validate';

/** A message: fields in the order in which they are written; a list repeats its field. */
export interface ProtoMessage {
  readonly [field: string]: ProtoValue | ProtoValue[] | undefined;
}

/** A value of a field. A bigint is for whole numbers that JavaScript's other numbers would round. */
export type ProtoValue = string | number | bigint | boolean | ProtoSymbol | ProtoMessage;

/** A value of an enumeration. */
export class ProtoSymbol {
  public constructor(public readonly name: string) {}
}

/** A value in its wrapper message (google.protobuf.Int64Value and its kin), or nothing where there is none. */
export function wrapped<T extends ProtoValue>(value: T | undefined): ProtoMessage | undefined {
  return value === undefined ? undefined : { value };
}

/** The entries of a map field, which the text format writes as messages; nothing where there is none. */
export function entries(map: { readonly [key: string]: ProtoValue } | undefined): ProtoMessage[] | undefined {
  return map && Object.entries(map).map(([key, value]) => ({ key, value }));
}

/**
 * Protobuf text format: a field a line, and what is undefined left out.
 *
 * @throws where a name is none of the format, a number none that a field holds, or a text none that UTF-8 holds.
 */
export function textProto(message: ProtoMessage, indent = ''): string {
  return Object.entries(message)
    .flatMap(([field, value]) => (Array.isArray(value) ? value : [value]).map((item) => [field, item] as const))
    .map(([field, value]) => (value === undefined ? '' : line(field, value, indent)))
    .join('');
}

const FIELD = /^[a-z][a-z0-9_]*$/;
const SYMBOL = /^[A-Z][A-Z0-9_]*$/;
const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

function line(field: string, value: ProtoValue, indent: string): string {
  if (!FIELD.test(field)) throw unwritable(field, field, 'must be the name of a field: a-z, 0-9 and _');
  if (!isMessage(value)) return `${indent}${field}: ${scalar(field, value)}\n`;
  const fields = Object.entries(value);
  const [first] = fields.map(([, item]) => item);
  if (fields.length === 1 && first !== undefined && !Array.isArray(first) && !isMessage(first)) {
    return `${indent}${field} { ${textProto(value).trimEnd()} }\n`;
  }
  return `${indent}${field} {\n${textProto(value, `${indent}  `)}${indent}}\n`;
}

function isMessage(value: ProtoValue): value is ProtoMessage {
  return typeof value === 'object' && !(value instanceof ProtoSymbol);
}

function scalar(field: string, value: Exclude<ProtoValue, ProtoMessage>): string {
  if (value instanceof ProtoSymbol) {
    if (!SYMBOL.test(value.name)) throw unwritable(field, value.name, 'must be the name of a value: A-Z, 0-9 and _');
    return value.name;
  }
  if (typeof value === 'string') {
    if (!isWellFormed(value)) throw unwritable(field, value, 'holds a lone surrogate, which UTF-8 does not have');
    return `"${escaped(value)}"`;
  }
  if (typeof value === 'number' && (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))) {
    throw unwritable(field, value, `must be a number of at most ${Number.MAX_SAFE_INTEGER}: JavaScript rounds larger ones`);
  }
  if (typeof value === 'bigint' && (value < INT64.least || value > INT64.most)) {
    throw unwritable(field, String(value), 'must fit into 64 bits');
  }
  return String(value);
}

function unwritable(field: string, value: unknown, rule: string): Error {
  return invalid('text proto', field, value, rule, 'Correct the prop that it comes from.');
}

/** Octal escapes of the UTF-8 bytes: the only form that every reader takes for every string, and pure ASCII. */
function escaped(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    const plain = byte >= 0x20 && byte < 0x7f && character !== '"' && character !== "'" && character !== '\\';
    return plain ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}
