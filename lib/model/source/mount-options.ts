import { invalid } from '../../private/errors';
import { nonEmpty } from '../../private/validate';
import { checkBasePath } from './checks';

const DIRECTORY = /^[-\w.+=@]+(\/[-\w.+=@]+)*$/;

/** Directory of a bucket, as an option of a mount carries it: without a slash at either end, and nothing for all of it. */
export function bucketDirectory(where: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const directory = nonEmpty(where, 'path', path, 'team/resnet').replace(/^\//, '').replace(/\/$/, '');
  if (directory === '') return undefined;
  if (!DIRECTORY.test(directory)) {
    throw invalid(
      where,
      'path',
      path,
      "must consist of letters, digits, '-', '_', '.', '+', '=', '@' and single slashes: an option of the mount carries it",
      "For example 'team/resnet'.",
    );
  }
  checkBasePath(where, 'path', `/${directory}`);
  return directory;
}

/**
 * Options of a mount. Throws where one is empty, holds what would make two of it, or says what is decided elsewhere.
 *
 * @param decided names of options, each with what decides it.
 */
export function checkMountOptions(
  where: string,
  options: string[],
  decided: { readonly [name: string]: string },
  separator: RegExp,
): string[] {
  options.forEach((option, index) => {
    const prop = `mountOptions[${index}]`;
    nonEmpty(where, prop, option, 'noatime');
    if (separator.test(option)) throw invalid(where, prop, option, 'must be one option', 'Write each option as a text of its own.');
    const plain = option.replace(/^--/, '');
    const name = Object.keys(decided).find((known) => plain.startsWith(known) && /^([=:\s]|$)/.test(plain.slice(known.length)));
    if (name !== undefined) throw invalid(where, prop, option, `is decided by ${decided[name]}`, 'Leave it out.');
  });
  return options;
}
