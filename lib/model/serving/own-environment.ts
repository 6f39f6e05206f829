import { invalid } from '../../private/errors';
import { hasOwn } from '../../private/own';
import type { WorkloadOptions } from '../../service';

/** Names that the user gives a value, besides those in whole sets. */
export function namedVariables(options: WorkloadOptions): string[] {
  return [...Object.keys(options.env ?? {}), ...(options.envVars ?? []).map(({ name }) => name)];
}

/** Refuses variables of the user that would replace those by which the model works. `owner` is the prop that sets them. */
export function checkOwnVariables(where: string, options: WorkloadOptions, names: string[], owner: string): void {
  for (const name of names) {
    const plain = options.env !== undefined && hasOwn(options.env, name);
    const variable = (options.envVars ?? []).find((candidate) => candidate.name === name);
    if (!plain && variable === undefined) continue;
    throw invalid(
      where,
      `${plain ? 'env' : 'envVars'}.${name}`,
      plain ? options.env?.[name] : (variable?.value ?? variable?.valueFrom),
      `is set by the prop '${owner}', on which the model rests`,
      'Leave it out, or change that prop.',
    );
  }
}
