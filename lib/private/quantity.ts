import { invalid } from './errors';

const QUANTITY = /^(\d+(?:\.\d*)?|\.\d+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?\d{1,2})?$/;

const FACTORS: { [suffix: string]: number } = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const MIB = 2 ** 20;

/** Number behind a Kubernetes quantity, or undefined where the API server would refuse to read it. */
export function parseQuantity(text: string): number | undefined {
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const [, number, suffix = ''] = match;
  const factor = /^[eE][-+\d]/.test(suffix) ? Number(`1${suffix}`) : (FACTORS[suffix] ?? 1);
  return Number(number) * factor;
}

/**
 * Thousandths of a core in a CPU quantity. Refuses what the API server takes but nobody means: under one millicore
 * (it would be rounded up) and over a thousand cores (`500M` is 500 million cores).
 */
export function milliCpu(where: string, prop: string, quantity: string): number {
  const cores = typeof quantity === 'string' ? parseQuantity(quantity) : undefined;
  const wayOut = "Write cores ('2', '0.5') or thousandths of a core ('500m').";
  if (cores === undefined) throw invalid(where, prop, quantity, 'must be a CPU quantity', wayOut);
  const milli = Math.round(cores * 1000 * 1e6) / 1e6;
  if (!Number.isInteger(milli) || milli < 1 || milli > 1_000_000) {
    throw invalid(where, prop, quantity, 'must be a whole number of millicores between 1m and 1000 cores', wayOut);
  }
  return milli;
}

/**
 * Bytes in a memory or storage quantity. Refuses less than 1 MiB (`512m` is half a byte) and more than 64 TiB.
 */
export function bytes(where: string, prop: string, quantity: string): number {
  const value = typeof quantity === 'string' ? parseQuantity(quantity) : undefined;
  const wayOut = "Write binary units, as '512Mi' or '4Gi'.";
  if (value === undefined) throw invalid(where, prop, quantity, 'must be a memory quantity', wayOut);
  if (!Number.isInteger(value) || value < MIB || value > 2 ** 46) {
    throw invalid(where, prop, quantity, 'must be a whole number of bytes between 1Mi and 64Ti', wayOut);
  }
  return value;
}

/** A memory or storage quantity as the API server keeps it, so that applying it again changes nothing: `1024Mi` is `1Gi`. */
export function canonicalBytes(text: string): string {
  const [, , suffix = ''] = QUANTITY.exec(text) ?? [];
  const value = parseQuantity(text) as number;
  const [base, units] = suffix.endsWith('i')
    ? [1024, ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']]
    : [1000, /^[eE][-+\d]/.test(suffix) ? ['', 'e3', 'e6', 'e9', 'e12'] : ['', 'k', 'M', 'G', 'T', 'P', 'E']];
  let power = 0;
  while (power + 1 < units.length && value % base ** (power + 1) === 0) power += 1;
  return `${value / base ** power}${units[power]}`;
}

/** Bytes as a quantity of whole Mi, rounded up, at least one. */
export function quantityOf(value: number): string {
  return formatMemory(Math.max(1, Math.ceil(value / MIB)) * MIB);
}

/** A CPU amount for people and for manifests: whole cores plain, others in millicores. */
export function formatCpu(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** A memory amount for people and for manifests: whole Gi where it is whole, else whole Mi, rounded down. */
export function formatMemory(value: number): string {
  const mebibytes = Math.floor(value / MIB);
  return mebibytes % 1024 === 0 && mebibytes > 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}
