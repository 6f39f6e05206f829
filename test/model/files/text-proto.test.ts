import { entries, ProtoSymbol, textProto, wrapped } from '../../../lib/model/files/text-proto';

test('a field a line, a wrapped value on one, lists and maps as repeated fields, and nothing for what is undefined', () => {
  const text = textProto({
    plain: true,
    left_out: undefined,
    big: 2n ** 63n - 1n,
    wrapped: wrapped(3),
    unwrapped: wrapped(undefined),
    repeated: [1, 8],
    map: entries({ stable: 42, canary: 43 }),
    level: { of: new ProtoSymbol('ON_1') },
    empty: {},
    nested: { one: { two: 'x' }, list: ['a', 'b'] },
  });
  expect(text).toBe(`plain: true
big: 9223372036854775807
wrapped { value: 3 }
repeated: 1
repeated: 8
map {
  key: "stable"
  value: 42
}
map {
  key: "canary"
  value: 43
}
level { of: ON_1 }
empty {
}
nested {
  one { two: "x" }
  list: "a"
  list: "b"
}
`);
});

test('no text ends its quotes or its line', () => {
  expect(textProto({ text: `a"b'c\\d\ne\r\0é😀` })).toBe('text: "a\\042b\\047c\\134d\\012e\\015\\000\\303\\251\\360\\237\\230\\200"\n');
});

test.each([
  ['a name that is no field', { 'a: 1 b': 1 }, 'must be the name of a field'],
  ['a name that is no value of an enumeration', { level: new ProtoSymbol('ON } x: 1') }, 'must be the name of a value'],
  ['a lone surrogate', { text: 'a\ud800' }, 'lone surrogate'],
  ['a number that JavaScript has rounded', { value: 2 ** 53 }, 'JavaScript rounds'],
  ['no number', { value: Number.NaN }, 'must be a number'],
  ['an endless number', { value: Number.POSITIVE_INFINITY }, 'must be a number'],
  ['more than 64 bits', { value: 2n ** 63n }, '64 bits'],
  ['less than 64 bits hold', { value: -(2n ** 63n) - 1n }, '64 bits'],
])('%s is refused', (_, message, rule) => {
  expect(() => textProto(message)).toThrow(rule);
});
