/**
 * A copy of plain data, so that what the caller does to its own lists and maps later changes nothing here. Instances of
 * classes (constructs, durations, probes) stay themselves.
 */
export function plainCopy<Value>(value: Value): Value {
  return copy(value, new Map()) as Value;
}

function copy(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const item of value) list.push(copy(item, copies));
    return list;
  }
  if (!isPlain(value)) return value;
  const map: { [key: string]: unknown } = {};
  copies.set(value, map);
  for (const [key, item] of Object.entries(value)) {
    // an assignment would take the key '__proto__' for the prototype
    Object.defineProperty(map, key, { value: copy(item, copies), enumerable: true, configurable: true, writable: true });
  }
  return map;
}

/** Whether an object is made by a literal or a parser: its prototype, where it has one, is the root of some realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
