import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { dnsSubdomain } from '../../private/validate';
import { NOTHING, type Resolve } from './binding';
import { pollingSeconds } from './checks';
import { directoryInside, mounted } from './mount';

/** How a volume holds models. */
export interface ClaimSourceOptions {
  /**
   * Directory of the model in the volume, which holds the version directories.
   *
   * @default - the volume's root
   */
  readonly path?: string;

  /**
   * Access mode of the claim: `ReadOnlyMany`, `ReadWriteMany`, `ReadWriteOnce` or `ReadWriteOncePod`. `ReadWriteOnce` lets
   * one node use it: it goes with several replicas where the cluster or the node pool has one node, and with one elsewhere.
   * `ReadWriteOncePod` lets one pod use it, so that nobody serves while a rollout replaces that.
   *
   * @default 'ReadOnlyMany'
   */
  readonly accessMode?: string;

  /**
   * How often the server looks for a newer version, which it then loads beside the old one.
   *
   * @default - never: a pod keeps what it found when it started
   */
  readonly pollInterval?: Duration;
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** A directory of a volume that a claim stands for. */
export function claimSource(where: string, claimName: string, options: ClaimSourceOptions): Resolve {
  dnsSubdomain(where, 'claimName', claimName);
  checkShape(where, options, { path: 'text', accessMode: 'text', pollInterval: 'duration' }, []);
  const { accessMode = 'ReadOnlyMany' } = options;
  if (!ACCESS_MODES.includes(accessMode)) {
    throw invalid(where, 'accessMode', accessMode, `must be one of ${ACCESS_MODES.join(', ')}`, "Write the claim's own mode.");
  }
  const inside = directoryInside(where, options.path ?? '/');
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  return (site) => ({
    ...NOTHING,
    ...mounted(site, { persistentVolumeClaim: { claimName, readOnly: accessMode.endsWith('Many') ? true : undefined } }, inside),
    claimName,
    volumeRemark: site.cluster._dialect.claimRemark(accessMode),
    medium: 'volume',
    pollSeconds,
    singleNode: accessMode === 'ReadWriteOnce',
    singlePod: accessMode === 'ReadWriteOncePod',
  });
}
