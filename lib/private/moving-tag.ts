/** Words by which people name the newest state of something, whatever it is. */
const MOVING_WORDS = new Set([
  'canary',
  'dev',
  'devel',
  'develop',
  'edge',
  'head',
  'latest',
  'main',
  'master',
  'nightly',
  'snapshot',
  'stable',
  'trunk',
]);

/**
 * Whether an image tag is a name that a registry gives to other bytes tomorrow: `latest`, `nightly-gpu`, `Stable`. A
 * number makes it one of many (`nightly-20240101`, `main-3f2a1b9`), except beside `latest`.
 */
export function isMovingTag(tag: string): boolean {
  const words = tag.toLowerCase().split(/[-_.]/);
  if (words.includes('latest')) return true;
  return !/\d/.test(tag) && words.some((word) => MOVING_WORDS.has(word));
}
