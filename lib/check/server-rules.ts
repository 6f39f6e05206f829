import { Severity } from './finding';
import { perContainer, type Rule } from './rule';

/** Mistakes in the command line of TensorFlow Serving. */
export const SERVER_RULES: Rule[] = [
  {
    id: 'batching-not-enabled',
    severity: Severity.ERROR,
    why: 'TensorFlow Serving does not start with parameters for batching that it has not been told to do.',
    find: perContainer(
      (container) => {
        const file = flag(container, 'batching_parameters_file');
        return file !== undefined && file !== '' && flag(container, 'enable_batching') !== 'true' ? file : undefined;
      },
      'args',
      (file) => ({ message: `--batching_parameters_file=${file} without --enable_batching`, fix: 'Add --enable_batching=true.' }),
    ),
  },
  {
    id: 'model-path-relative',
    severity: Severity.ERROR,
    why: 'TensorFlow Serving does not start with a relative model path.',
    find: perContainer(
      (container) => {
        const path = flag(container, 'model_base_path') ?? '/';
        return path.startsWith('/') || path.includes('://') || path.includes('$(') ? undefined : path;
      },
      'args',
      (path) => ({ message: `--model_base_path=${path} is relative`, fix: 'Write the path from / on, or a URI.' }),
    ),
  },
  {
    id: 'model-path-is-version',
    severity: Severity.WARNING,
    why: 'TensorFlow Serving looks for versions below its model path; in a version it finds none, and never opens its ports.',
    find: perContainer(
      (container) => {
        const path = flag(container, 'model_base_path') ?? '';
        return /\/\d+\/*$/.test(path) ? path : undefined;
      },
      'args',
      (path) => ({
        message: `--model_base_path=${path} ends in a number, as a version directory does`,
        fix: 'Write the directory above it.',
      }),
    ),
  },
];

/** Value of a flag, which is the last one where it stands twice, as the server reads it; a bare flag is `true`. */
function flag({ command = [], args = [] }: { command?: string[]; args?: string[] }, name: string): string | undefined {
  const values = [...command, ...args].flatMap((word) => {
    if (word === `--${name}`) return ['true'];
    return word.startsWith(`--${name}=`) ? [word.slice(name.length + 3)] : [];
  });
  return values.pop();
}
