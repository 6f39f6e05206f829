/** A range of addresses, both ends included. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** A family of addresses. */
interface Family {
  readonly bits: number;
  /** Networks that no packet from the Internet comes from. */
  readonly inside: readonly string[];
  /** Length of the prefix from which on a network is no longer everybody's. */
  readonly public: number;
}

const IPV4: Family = {
  bits: 32,
  inside: ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'],
  public: 8,
};
/** Operators hold at most about a /19 of IPv6. */
const IPV6: Family = { bits: 128, inside: ['fc00::/7', 'fe80::/10', 'ff00::/8'], public: 16 };

/**
 * Whether networks in CIDR form together let in about everybody: more public addresses than one /8 of IPv4, or one /16 of
 * IPv6. The whole Internet in two halves counts, a private range of any size does not.
 */
export function letEverybodyIn(networks: readonly string[]): boolean {
  return [IPV4, IPV6].some((family) => {
    const ranges = networks.flatMap((network) => rangeOf(network, family) ?? []);
    const inside = family.inside.flatMap((network) => rangeOf(network, family) ?? []);
    return size([...ranges, ...inside]) - size(inside) > BigInt(1) << BigInt(family.bits - family.public);
  });
}

/** Addresses in any of the ranges, each counted once. */
function size(ranges: Range[]): bigint {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let sum = BigInt(0);
  let next = BigInt(0);
  for (const { first, last } of sorted) {
    const from = first > next ? first : next;
    if (last < from) continue;
    sum += last - from + BigInt(1);
    next = last + BigInt(1);
  }
  return sum;
}

function rangeOf(network: string, { bits }: Family): Range | undefined {
  const [address, length = String(bits)] = network.trim().split('/');
  const value = bits === 32 ? ipv4(address) : ipv6(address);
  if (value === undefined || !/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined;
  const host = (BigInt(1) << BigInt(bits - Number(length))) - BigInt(1);
  const first = value - (value & host);
  return { first, last: first + host };
}

function ipv4(address: string): bigint | undefined {
  const octets = address.split('.');
  if (octets.length !== 4 || octets.some((octet) => !/^\d{1,3}$/.test(octet) || Number(octet) > 255)) return undefined;
  return octets.reduce((sum, octet) => (sum << BigInt(8)) + BigInt(octet), BigInt(0));
}

function ipv6(address: string): bigint | undefined {
  if (!/^[0-9a-fA-F:]+$/.test(address) || !address.includes(':')) return undefined;
  const [head, tail, more] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array.from({ length: Math.max(zeros, 0) }, () => '0'), ...(tail ?? [])];
  if (more !== undefined || groups.length !== 8 || groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << BigInt(16)) + BigInt(`0x${group}`), BigInt(0));
}

/** The network that a text in CIDR form is about, with the bits beyond its prefix cleared; a text without such bits stays as it is. */
export function networkOf(cidr: string): string {
  const [address, length] = cidr.split('/');
  const family = address.includes(':') ? IPV6 : IPV4;
  const range = rangeOf(cidr, family);
  const value = family === IPV4 ? ipv4(address) : ipv6(address);
  if (range === undefined || value === range.first) return cidr;
  return `${family === IPV4 ? ipv4Text(range.first) : ipv6Text(range.first)}/${length}`;
}

function ipv4Text(value: bigint): string {
  return [24, 16, 8, 0].map((shift) => String((value >> BigInt(shift)) & BigInt(255))).join('.');
}

function ipv6Text(value: bigint): string {
  const groups = [112, 96, 80, 64, 48, 32, 16, 0].map((shift) => ((value >> BigInt(shift)) & BigInt(65535)).toString(16));
  const text = groups.join(':');
  const zeros = text.match(/(?<=^|:)0(?::0)*(?=:|$)/g) ?? [];
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? text : text.replace(new RegExp(`(^|:)${longest}(:|$)`), '::');
}
