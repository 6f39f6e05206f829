/** Files whose stories take longest, which begin first so that none of them runs alone at the end. */
const LONGEST = ['dist', 'scripts', 'starting', 'scale-out', 'hanging', 'across-namespaces', 'rollout', 'scale-in', 'stopping', 'deletion'];

/** Order of the files: without it jest goes by their size, where it has seen no run before. */
module.exports = class {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONGEST.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return place < 0 ? LONGEST.length : place;
    };
    return [...tests].sort((one, other) => rank(one) - rank(other) || one.path.localeCompare(other.path));
  }

  cacheResults() {}
};
