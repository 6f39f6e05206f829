import { invalid } from '../private/errors';

/** A member of an enumeration, which a program in JavaScript may have misspelt. */
export function enumValue<T extends string>(
  where: string,
  prop: string,
  value: T,
  members: { readonly [name: string]: T },
  name: string,
): T {
  if (!Object.values(members).includes(value)) {
    const known = Object.keys(members).map((member) => `${name}.${member}`);
    throw invalid(where, prop, value, `is no ${name}`, `Write ${known.join(', ').replace(/, ([^,]*)$/, ' or $1')}.`);
  }
  return value;
}
