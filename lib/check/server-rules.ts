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
  {
    id: 'model-on-s3',
    severity: Severity.ERROR,
    why: 'TensorFlow Serving has no s3:// since release 2.7: it finds no model, and never opens its ports.',
    find: (objects) => [...modelsOnS3(true)(objects), ...modelsOnS3(false)(objects)],
  },
  {
    id: 'liveness-without-startup',
    severity: Severity.WARNING,
    why: 'TensorFlow Serving opens its ports when its models are loaded; a liveness probe that counts before restarts it amid the load, for ever.',
    find: perContainer(
      (container, { lasting }) => {
        const { livenessProbe, startupProbe } = container;
        // what a command looks at may be there before the model is
        if (!lasting || livenessProbe === undefined || livenessProbe.exec || startupProbe || !runsServer(container)) return undefined;
        const seconds = patience(livenessProbe);
        return seconds < LOAD_SECONDS ? String(seconds) : undefined;
      },
      'livenessProbe',
      (seconds) => ({
        message: `it restarts a server that loads for more than about ${seconds} s, and there is no startup probe`,
        fix: `Add a startupProbe that waits for the longest load, at least ${LOAD_SECONDS} s.`,
      }),
    ),
  },
];

/** The server itself tries a failing load five times more, a minute apart: no probe should give up before. */
const LOAD_SECONDS = 5 * 60;

/** Seconds after which a liveness probe restarts a container that never answered. Kubernetes takes 0 for its default. */
function patience(probe: { initialDelaySeconds?: number; periodSeconds?: number; failureThreshold?: number }): number {
  return (probe.initialDelaySeconds ?? 0) + (probe.periodSeconds || 10) * ((probe.failureThreshold || 3) - 1);
}

interface Server {
  readonly image?: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly env?: { readonly name?: string; readonly value?: string }[];
}

function runsServer({ image = '', command = [], args = [] }: Server): boolean {
  const program = [...command, ...args].some((word) => /(^|[\s/])tensorflow_model_server(\s|$)/.test(word));
  return program || /(^|\/)tensorflow[/-]serving(-\d[^/:@]*)?([:@]|$)/.test(image);
}

/** Models on S3, either for servers that certainly cannot read it or for those that perhaps cannot. */
function modelsOnS3(certain: boolean): Rule['find'] {
  return perContainer(
    (container) => {
      const path = modelPath(container);
      if (!path.startsWith('s3://')) return undefined;
      const release = officialRelease(container.image);
      const reads = release !== undefined && (release[0] < 2 || (release[0] === 2 && release[1] < 7));
      return reads || (release !== undefined) !== certain ? undefined : path;
    },
    'args',
    (path) => ({
      message: certain
        ? `the model is at ${path}, which the release in this image cannot read`
        : `the model is at ${path}, which no official image since release 2.7 can read, and nothing says which release this image holds`,
      fix: 'Put the model into the image or a volume, or let an init container copy it.',
      ...(certain ? {} : { severity: Severity.WARNING }),
    }),
  );
}

/** Where the server looks for its model, with variables that the container itself sets put in. */
function modelPath(container: Server): string {
  const value = (name: string) => container.env?.find((variable) => variable.name === name)?.value;
  const path = flag(container, 'model_base_path') ?? (runsServer(container) ? value('MODEL_BASE_PATH') : undefined) ?? '';
  return path.replace(/\$\(([^)]+)\)/g, (reference, name) => value(name) ?? reference);
}

/** Major and minor release of an official image, where its tag says one. */
function officialRelease(image = ''): [number, number] | undefined {
  const [, major, minor] = /(?:^|\/)tensorflow\/serving:(\d+)\.(\d+)/.exec(image) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

/** Value of a flag, which is the last one where it stands twice, as the server reads it; a bare flag is `true`. */
function flag({ command = [], args = [] }: { command?: string[]; args?: string[] }, name: string): string | undefined {
  const values = [...command, ...args].flatMap((word) => {
    if (word === `--${name}`) return ['true'];
    return word.startsWith(`--${name}=`) ? [word.slice(name.length + 3)] : [];
  });
  return values.pop();
}
