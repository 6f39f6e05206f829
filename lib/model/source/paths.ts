import { posix } from 'node:path';
import { invalid } from '../../private/errors';
import { absolutePath } from '../../private/validate';

/** Directories of the kernel, in which nothing can be mounted or baked. */
const KERNEL = ['/dev', '/proc', '/sys'];

/** Directories without whose content no server starts, resolves a name or trusts a certificate. */
const NEEDED = [
  ...['/', '/bin', '/boot', '/etc', '/etc/ssl', '/etc/ssl/certs', '/lib', '/lib64', '/root', '/run', '/sbin', '/tmp'],
  ...['/usr', '/usr/bin', '/usr/lib', '/usr/local', '/usr/local/bin', '/usr/local/lib', '/usr/sbin', '/usr/share', '/var', '/var/run'],
];

/** A path as it compares: without empty and '.' parts, and without a slash at its end. */
export function plainPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** Whether a path is a directory itself or lies in it. */
export function holds(directory: string, path: string): boolean {
  const outer = plainPath(directory);
  return outer === '/' || plainPath(path) === outer || plainPath(path).startsWith(`${outer}/`);
}

/** Refuses what Kubernetes would replace in commands, arguments and mount paths. */
export function literal(where: string, prop: string, value: string): string {
  if (value.includes('$(')) throw invalid(where, prop, value, "must not hold '$(': Kubernetes would replace it", 'Write the path itself.');
  return value;
}

/** Path of a directory in an image that a server can read models from. */
export function imageDirectory(where: string, prop: string, value: string): string {
  absolutePath(where, prop, value);
  if (plainPath(value) === '/') {
    throw invalid(where, prop, value, 'must be a directory of its own: the root holds the whole image', "For example '/models/resnet'.");
  }
  if (holds('/tmp', value)) {
    throw invalid(where, prop, value, 'is hidden by the scratch volume that every pod has on /tmp', "For example '/models/resnet'.");
  }
  const kernel = KERNEL.find((directory) => holds(directory, value));
  if (kernel !== undefined) throw invalid(where, prop, value, `belongs to the kernel's ${kernel}`, "For example '/models/resnet'.");
  return value;
}

/** What the container holds already, where its configuration files are to be mounted. */
export interface OccupiedPaths {
  /** The server's program. */
  readonly binary: string;
  /** Directories of the models, or URIs. */
  readonly basePaths: string[];
  /** Paths of other mounts. */
  readonly mountPaths: string[];
}

/** The directory of the configuration files, where mounting them hides nothing that the pod needs. */
export function configurationDirectory(where: string, value: string, occupied: OccupiedPaths): string {
  const prop = 'configDirectory';
  const wayOut = "For example '/etc/tfs-config'.";
  const directory = plainPath(literal(where, prop, absolutePath(where, prop, value)));
  if (NEEDED.includes(directory) || KERNEL.some((kernel) => holds(kernel, directory))) {
    throw invalid(where, prop, value, 'would hide a directory that the image or the kernel needs', wayOut);
  }
  if (holds(directory, occupied.binary)) throw invalid(where, prop, value, `would hide the server, ${occupied.binary}`, wayOut);
  const basePath = occupied.basePaths.find((path) => path.startsWith('/') && (holds(directory, path) || holds(path, directory)));
  if (basePath !== undefined) {
    throw invalid(where, prop, value, `overlaps the directory of the model, ${basePath}`, wayOut);
  }
  const mounted = occupied.mountPaths.find((path) => holds(directory, path) || holds(path, directory));
  if (mounted !== undefined) throw invalid(where, prop, value, `overlaps what is mounted on ${mounted}`, wayOut);
  return directory;
}
