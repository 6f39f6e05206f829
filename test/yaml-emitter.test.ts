import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { emitYaml } from '../lib/app/yaml-emitter';

const back = (text: string, version: '1.1' | '1.2') => parseAllDocuments(text, { version })[0].toJS();

const readsBack = (value: unknown) => {
  const text = emitYaml({ value }, 'test');
  expect(back(text, '1.1')).toEqual({ value });
  expect(back(text, '1.2')).toEqual({ value });
};

test('people read it', () => {
  const text = emitYaml(
    {
      apiVersion: 'v1',
      data: { script: 'set -eu\n\necho "hi"\n', note: 'no newline at\nthe end' },
      flags: ['--port=9000', '--x=a,b', 'plain words here', '8500', 'yes', ''],
      nested: [{ a: 1, b: [true, null] }, [], {}],
      memory: '4Gi',
    },
    'test',
  );
  expect(text).toMatchSnapshot();
});

test.each([
  ...[
    'yes',
    'No',
    'ON',
    'off',
    'y',
    'n',
    'true',
    'null',
    '~',
    '',
    ' ',
    'a ',
    ' a',
    'a: b',
    'a #b',
    'a:',
    ':a',
    '- a',
    '-',
    '--',
    '---',
    '...',
    '?',
    '? a',
  ],
  ...[
    '0o7',
    '0O17',
    '0X1F',
    '0B1',
    '8E0_',
    '+_8',
    '0_x7',
    '88e_8',
    '012',
    '1_000',
    '12:30:45',
    '.5',
    '1e3',
    '.inf',
    '-.inf',
    '.nan',
    '2001-01-01',
    '<<',
    '=',
  ],
  ...[
    '!t',
    '&a',
    '*a',
    '%a',
    '@a',
    '|',
    '>',
    '`a',
    '"a"',
    "'a'",
    '{a',
    '[a',
    'a]',
    'a, b',
    ',a',
    '\t',
    '\ta',
    'a\tb',
    '\r\n',
    'a\r\nb',
    '\\',
    'a\\b',
  ],
  ...['\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff', '\u0000', '\u0007', 'é', '😀', 'a\u00a0b'],
  ...[
    'a\nb',
    'a\nb\n',
    'a\n\nb\n',
    '\na',
    ' a\nb',
    'a\n',
    '\n',
    'a\n\n',
    'a \nb',
    '# a\nb',
    '--- a\nb',
    'a\n---\nb',
    'a\n\tb\n',
    '\ta\nb',
    'a\u0085\nb',
    'key: |\n  x\n',
  ],
])('%j is read back as it is, as a value, a key and an item', (text) => {
  readsBack(text);
  readsBack([text, { [text]: text }]);
});

test('any text is read back as it is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('0', '1', 'x', 'e', '_', '+', '-', '.', ':', ' ', '\n', '#', 'o') }),
      ),
      (text) => {
        readsBack(text);
      },
    ),
    { numRuns: 2000 },
  );
});

test('any object is read back as it is, in the same bytes every time', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.jsonValue(),
        { minKeys: 1 },
      ),
      (object) => {
        const text = emitYaml(object, 'test');
        expect(emitYaml(object, 'test')).toBe(text);
        expect(back(text, '1.2')).toEqual(JSON.parse(JSON.stringify(object)));
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['NaN', { a: { b: [Number.NaN] } }, "models/x: 'a.b[0]' (NaN) is no number"],
  ['infinity', { a: Number.NEGATIVE_INFINITY }, "models/x: 'a' (-Infinity) is no number"],
  ['half a character', { a: '\ud800x' }, "models/x: 'a'"],
  ['a function', { a: Object.assign(() => 1, { toString: () => '()=>1' }) }, "models/x: 'a' (()=>1) is a function"],
  ['undefined', { a: undefined }, "models/x: 'a' (undefined) is undefined"],
])('%s is refused by name', (_, object, message) => {
  expect(() => emitYaml(object, 'models/x')).toThrow(message);
});
