import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { absolutePath } from '../../private/validate';
import { NOTHING, type Resolve } from './binding';
import { checkBasePath, pollingSeconds } from './checks';
import { checkMountOptions } from './mount-options';
import { plainPath } from './paths';
import { staticVolume } from './static-volume';

/** How a directory of an NFS server is mounted. */
export interface NfsSourceOptions {
  /**
   * Options of the mount, in place of the default ones. The default needs one port of the server only, 2049; a read that
   * the server does not answer waits for it, since one that failed would give up the load of a model; and nothing is
   * written at a read.
   *
   * @default ['nfsvers=4.1', 'hard', 'noatime']
   */
  readonly mountOptions?: string[];

  /**
   * How often the server looks for a newer version, which it then loads beside the old one. A client of NFS learns of
   * changes up to a minute late.
   *
   * @default - never
   */
  readonly pollInterval?: Duration;
}

const MOUNT_OPTIONS = ['nfsvers=4.1', 'hard', 'noatime'];
const HOST = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const IPV6 = /^[0-9a-f]*:[0-9a-f:]+$/;

/** A directory that an NFS server exports, mounted by the nodes. */
export function nfsSource(where: string, server: string, path: string, options: NfsSourceOptions): Resolve {
  checkShape(where, options, { mountOptions: 'texts', pollInterval: 'duration' }, []);
  checkServer(where, server);
  checkBasePath(where, 'path', absolutePath(where, 'path', path));
  const decided = { ro: 'the source, which is mounted read-only', rw: 'the source, which is mounted read-only' };
  const mountOptions = checkMountOptions(where, [...(options.mountOptions ?? MOUNT_OPTIONS)], decided, /[,\s]/);
  const content = { nfs: { server, path: plainPath(path), readOnly: true }, mountOptions };
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  return (site) => ({ ...NOTHING, medium: 'volume', pollSeconds, ...staticVolume(site, () => content) });
}

function checkServer(where: string, server: string): void {
  if (typeof server !== 'string' || server.length > 253 || !(HOST.test(server) || IPV6.test(server))) {
    throw invalid(where, 'server', server, 'must be a host name or an address', "For example 'nfs.example.com' or '10.0.0.2'.");
  }
  if (/\.svc(\.|$)|\.cluster\.local$/.test(server)) {
    throw invalid(
      where,
      'server',
      server,
      'is a name of the cluster, which the nodes that mount it do not resolve',
      "Write the cluster IP of its Service, or a name of the nodes' own DNS.",
    );
  }
}
