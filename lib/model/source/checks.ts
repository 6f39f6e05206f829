import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { wholeSeconds } from '../../private/validate';
import { literal } from './paths';

const SECONDS_PER_MONTH = 30 * 24 * 3600;

/** Seconds between two looks for versions; 0 where there is one look only. */
export function pollingSeconds(where: string, interval: Duration | undefined): number {
  return interval === undefined ? 0 : wholeSeconds(where, 'pollInterval', interval, 1, SECONDS_PER_MONTH);
}

/** Listings in a month, where there are looks for versions. */
export function listingsPerMonth(pollSeconds: number, listingsPerLook = 1): number | undefined {
  return pollSeconds > 0 ? Math.round((listingsPerLook * SECONDS_PER_MONTH) / pollSeconds) : undefined;
}

/** Refuses paths and URIs in which the server would find no version. */
export function checkBasePath(where: string, prop: string, path: string): void {
  literal(where, prop, path);
  const [, ...parts] = path
    .replace(/^(gs|s3):\/\/[^/]+/, '')
    .replace(/\/$/, '')
    .split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part))) {
    throw invalid(where, prop, path, "must not hold '.', '..' or an empty part", "For example '/models/resnet' or 'gs://bucket/resnet'.");
  }
  if (/^\d+$/.test(parts[parts.length - 1] ?? '')) {
    throw invalid(
      where,
      prop,
      path,
      'ends in a number, so it is a version directory: the server would find no version in it and never open its ports',
      `Write the directory above it: '${path.replace(/\/\d+\/?$/, '') || '/'}'.`,
    );
  }
}
