/** A message: fields in the order in which they are written; a list repeats its field. */
export interface ProtoMessage {
  readonly [field: string]: ProtoValue | ProtoValue[] | undefined;
}

/** A value of a field. */
export type ProtoValue = string | number | boolean | ProtoMessage;

/** A value in its wrapper message (google.protobuf.Int64Value and its kin), or nothing where there is none. */
export function wrapped<T extends ProtoValue>(value: T | undefined): ProtoMessage | undefined {
  return value === undefined ? undefined : { value };
}

/** Protobuf text format: a field a line, messages without content left out. */
export function textProto(message: ProtoMessage, indent = ''): string {
  return Object.entries(message)
    .flatMap(([field, value]) => (Array.isArray(value) ? value : [value]).map((item) => [field, item] as const))
    .map(([field, value]) => (value === undefined ? '' : line(field, value, indent)))
    .join('');
}

function line(field: string, value: ProtoValue, indent: string): string {
  if (typeof value !== 'object') return `${indent}${field}: ${scalar(value)}\n`;
  const fields = Object.entries(value);
  if (fields.length === 1 && typeof fields[0][1] !== 'object' && fields[0][1] !== undefined) {
    return `${indent}${field} { ${fields[0][0]}: ${scalar(fields[0][1])} }\n`;
  }
  return `${indent}${field} {\n${textProto(value, `${indent}  `)}${indent}}\n`;
}

function scalar(value: string | number | boolean): string {
  return typeof value === 'string' ? `"${escaped(value)}"` : String(value);
}

/** Octal escapes of the UTF-8 bytes: the only form that every reader takes for every string, and pure ASCII. */
function escaped(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    const plain = byte >= 0x20 && byte < 0x7f && character !== '"' && character !== "'" && character !== '\\';
    return plain ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}
