/** Whether an object itself has a key: `in` would also find what every object inherits. */
export function hasOwn(object: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(object, key) !== undefined;
}
