/** Files by how long their stories take, longest first: those with clients, which wait for one another, and all others. */
const WITH_CLIENTS = [
  'scale-out',
  'rollout',
  'stopping',
  'deletion',
  'scale-in',
  'crash',
  'canary',
  'across-namespaces',
  'volumes',
  'versions',
];
const OTHERS = [
  'dist',
  'scripts',
  'hanging',
  'starting',
  'scaling',
  'client-side',
  'server-side',
  'matrix',
  'random',
  'quota',
  'one-owner',
];

/** Order of the files, from both lists in turn: jest alone would go by their size where it has seen no run before. */
module.exports = class {
  sort(tests) {
    const rank = ({ path }) => {
      const folder = path.split('/').at(-2);
      const place = (names) => names.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      const [clients, others] = [folder === 'serving' ? place(WITH_CLIENTS) : -1, place(OTHERS)];
      if (clients >= 0) return 2 * clients + 1;
      return others >= 0 ? 2 * others : 2 * OTHERS.length;
    };
    return [...tests].sort((one, other) => rank(one) - rank(other) || one.path.localeCompare(other.path));
  }

  cacheResults() {}
};
