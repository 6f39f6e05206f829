import { invalid } from '../private/errors';

/** Words that some YAML reader takes for a truth value or for nothing. */
const WORDS = new Set(['true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', 'null', 'nan', 'inf', 'infinity']);

/**
 * Strings that every YAML reader takes as they stand: they start like a word, a path or a flag, which no number does, and
 * hold nothing that ends a plain scalar in block style: no ': ', no ' #', no space at the end.
 */
const PLAIN = /^(?:[A-Za-z_/]|--[a-z])(?:[A-Za-z0-9_./@%+=,$()#-]|:(?=[A-Za-z0-9_./@$()-])| (?=[A-Za-z0-9_./@$(]))*$/;

/** Words of digits, signs and exponents only, which some reader takes for a number ('e0'). */
const NUMBER_LIKE = /^[eE_.+0-9-]+$/;

/** Characters that YAML cannot hold raw, or that its readers change. */
const NEEDS_ESCAPE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const LITERAL =
  /^[^\s\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff][^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]*$/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * One YAML document in block style. Every string, number and key is read back as it is by the reader that kubectl uses
 * and by those of JavaScript: what could be taken for a number, a truth value or nothing stands in double quotes.
 *
 * @param where what a refusal calls the object.
 * @throws where a value cannot be carried by YAML: NaN, infinity, lone surrogates, functions.
 */
export function emitYaml(object: object, where: string): string {
  return map(object as { [key: string]: unknown }, '', where, '');
}

function map(value: { [key: string]: unknown }, indent: string, where: string, path: string): string {
  return Object.entries(value)
    .map(([key, child]) => `${indent}${scalarString(key, where, path)}:${node(child, indent, where, `${path}.${key}`, false)}`)
    .join('');
}

function list(value: unknown[], indent: string, where: string, path: string): string {
  return value.map((child, index) => `${indent}-${node(child, indent, where, `${path}[${index}]`, true)}`).join('');
}

/** What follows a key's ':' or a list's '-'. */
function node(value: unknown, indent: string, where: string, path: string, inList: boolean): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n';
    return inList ? ` ${list(value, `${indent}  `, where, path).trimStart()}` : `\n${list(value, `${indent}  `, where, path)}`;
  }
  if (value !== null && typeof value === 'object') {
    if (Object.keys(value).length === 0) return ' {}\n';
    const body = map(value as { [key: string]: unknown }, `${indent}  `, where, path);
    return inList ? ` ${body.trimStart()}` : `\n${body}`;
  }
  if (typeof value === 'string' && value.includes('\n') && LITERAL.test(value) && !/\n\n$/.test(value) && !/\r/.test(value)) {
    return literal(value, `${indent}  `);
  }
  return ` ${scalar(value, where, path)}\n`;
}

function scalar(value: unknown, where: string, path: string): string {
  switch (typeof value) {
    case 'string':
      return scalarString(value, where, path);
    case 'boolean':
      return String(value);
    case 'bigint':
      return value.toString();
    case 'number':
      if (!Number.isFinite(value))
        throw invalid(where, path.slice(1), value, 'is no number that YAML can carry', 'Correct the arithmetic that made it.');
      return Object.is(value, -0) ? '0' : String(value);
    default:
      if (value === null) return 'null';
      throw invalid(
        where,
        path.slice(1),
        value,
        `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}, which is no value of a Kubernetes object`,
        'Write text, numbers, truth values, lists and maps.',
      );
  }
}

function scalarString(text: string, where: string, path: string): string {
  if (PLAIN.test(text) && !WORDS.has(text.toLowerCase()) && !NUMBER_LIKE.test(text)) return text;
  if (LONE_SURROGATE.test(text))
    throw invalid(where, path.slice(1), text, 'holds half of a character, which no file can carry', 'Cut texts between whole characters.');
  return JSON.stringify(text).replace(NEEDS_ESCAPE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function literal(text: string, indent: string): string {
  const ends = text.endsWith('\n');
  const lines = (ends ? text.slice(0, -1) : text).split('\n');
  return ` ${ends ? '|' : '|-'}\n${lines.map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('')}`;
}
