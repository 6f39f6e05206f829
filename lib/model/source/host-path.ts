import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { type BindingSite, NOTHING, type Resolve } from './binding';
import { checkBasePath, pollingSeconds } from './checks';
import { holds, imageDirectory, plainPath } from './paths';
import { volumeOn } from './platform-volume';
import { staticVolume } from './static-volume';

/** How a directory of the nodes holds a model. */
export interface HostPathSourceOptions {
  /**
   * How often the server looks for a newer version, which it then loads beside the old one.
   *
   * @default - never
   */
  readonly pollInterval?: Duration;
}

/** Directories by which a node itself lives. */
const OF_THE_NODE = ['/boot', '/etc', '/run', '/var/run', '/var/lib/kubelet', '/var/lib/containerd', '/var/lib/docker'];

/** A directory of the nodes of a cluster on one machine. */
export function hostPathSource(where: string, path: string, options: HostPathSourceOptions): Resolve {
  checkShape(where, options, { pollInterval: 'duration' }, []);
  checkBasePath(where, 'path', imageDirectory(where, 'path', path));
  if (!/^[-\w.+@/]+$/.test(path)) {
    const rule = "must consist of letters, digits, '-', '_', '.', '+', '@' and '/': it stands in commands";
    throw invalid(where, 'path', path, rule, "For example '/models/resnet'.");
  }
  if (OF_THE_NODE.some((directory) => holds(directory, path))) {
    throw invalid(where, 'path', path, 'belongs to the node itself', "For example '/models/resnet'.");
  }
  const directory = plainPath(path);
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  return (site: BindingSite) => {
    const { setup, warning } = volumeOn(site, `hostPath ${directory}`, { kind: 'hostPath', path: directory });
    // where nobody put it, a pod is to say so instead of waiting in an empty directory
    const content = { hostPath: { path: directory, type: 'Directory' } };
    const readable = { command: `chmod -R a+rX ${directory}`, purpose: 'lets the pods read it, which run as a user of their own' };
    return { ...NOTHING, medium: 'node', pollSeconds, ...staticVolume(site, () => content), setup: [...setup, readable], warning };
  };
}
