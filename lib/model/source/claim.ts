import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { absolutePath, dnsSubdomain, nonEmpty } from '../../private/validate';
import { NOTHING, type Resolve } from './binding';
import { checkBasePath, pollingSeconds } from './checks';

/** How a volume holds models. */
export interface ClaimSourceOptions {
  /**
   * Directory of the model in the volume, which holds the version directories.
   *
   * @default - the volume's root
   */
  readonly path?: string;

  /**
   * Access mode of the claim: `ReadOnlyMany`, `ReadWriteMany` or `ReadWriteOnce`. The last one lets one node use it, so
   * that it goes with one replica only.
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

const CLAIM_MOUNT = '/mnt/models';

/** A directory of a volume that a claim stands for. */
export function claimSource(where: string, claimName: string, options: ClaimSourceOptions): Resolve {
  dnsSubdomain(where, 'claimName', claimName);
  checkShape(where, options, { path: 'text', accessMode: 'text', pollInterval: 'duration' }, []);
  const { accessMode = 'ReadOnlyMany', path = '/' } = options;
  if (!['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'].includes(accessMode)) {
    throw invalid(where, 'accessMode', accessMode, 'must be ReadOnlyMany, ReadWriteMany or ReadWriteOnce', "Write the claim's own mode.");
  }
  nonEmpty(where, 'path', path, 'team/resnet');
  const inside = absolutePath(where, 'path', path.startsWith('/') ? path : `/${path}`);
  checkBasePath(where, 'path', inside);
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  return ({ cluster, volumeNames }) => {
    const suffix = volumeNames.suffix('models', claimName);
    const name = `models${suffix}`;
    const mountPath = `${CLAIM_MOUNT}${suffix}`;
    return {
      ...NOTHING,
      claimName,
      volumeRemark: cluster._dialect.claimRemark(accessMode),
      basePath: `${mountPath}${inside === '/' ? '' : inside}`,
      pollSeconds,
      volumes: [{ name, persistentVolumeClaim: { claimName, readOnly: accessMode !== 'ReadWriteOnce' ? true : undefined } }],
      volumeMounts: [{ name, mountPath, readOnly: true }],
      singleNode: accessMode === 'ReadWriteOnce',
    };
  };
}
