import { configureGlobal } from 'fast-check';

/**
 * Where the random numbers of all tests start: always there, so that a commit is judged the same wherever it is tested;
 * with TEST_SEED=random elsewhere in each run, and with the number of a run as that run drew.
 */
export const TEST_SEED = seedFrom(process.env.TEST_SEED || '20261121');

function seedFrom(text: string): number {
  if (text === 'random') return Math.floor(Math.random() * 2 ** 31);
  if (!/^\d{1,10}$/.test(text)) throw new Error(`TEST_SEED is '${text}': write a number, or 'random'`);
  return Number(text) % 2 ** 31;
}

configureGlobal({ seed: TEST_SEED });
