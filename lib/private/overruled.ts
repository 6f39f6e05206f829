import { hasOwn } from './own';

/** Entries that a user gives another value than the one that was worked out. */
export function overruled(
  worked: { [key: string]: string } = {},
  given: { [key: string]: string } = {},
): { readonly key: string; readonly value: string; readonly instead: string }[] {
  return Object.entries(worked)
    .filter(([key, value]) => hasOwn(given, key) && given[key] !== value)
    .map(([key, value]) => ({ key, value: given[key], instead: value }));
}
