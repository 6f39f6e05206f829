import { isIP } from 'node:net';
import { type EgressAnswer, PUBLIC_HTTPS } from '../../cluster/dialect';
import { invalid } from '../../private/errors';
import { printable } from '../../private/validate';

/** An address that pods download from. */
export interface WebAddress {
  readonly url: string;
  readonly host: string;
  readonly secure: boolean;
  /** What a network policy must let through, as far as the address tells. */
  readonly egress: EgressAnswer[];
  /** The host, where it stands in the cluster or in a private network, of which only its user knows the place. */
  readonly privateHost?: string;
}

/** Parts of a query that sign an address for some hours. */
const SIGNED = /[?&](X-Amz-Signature|X-Goog-Signature|Signature|sig|access_token|token)=/i;

/** Names that no public DNS has, and those of endpoints in a network of AWS. */
const PRIVATE_HOST = /^[^.]+$|\.(svc|local|internal|localdomain|home\.arpa)$|\.vpce\.amazonaws\.com(\.cn)?$/;

const WAYS_OUT: { [scheme: string]: string } = {
  's3:': 'Use ModelSource.s3().',
  'gs:': 'Use ModelSource.gcs().',
};

/** Checks an address. Plain HTTP must be wanted: also where a checksum shows what was changed, nothing hides what is read. */
export function webAddress(where: string, prop: string, address: string, plainHttp: boolean): WebAddress {
  const url = parsed(where, prop, printable(where, prop, address));
  if (url.username !== '' || url.password !== '' || SIGNED.test(url.search)) {
    throw invalid(
      where,
      prop,
      `${url.protocol}//${url.host}${url.pathname}`,
      'must not carry credentials or a signature: manifests are no place for secrets, and signed addresses expire',
      'Keep the secret in a Secret.',
    );
  }
  if (/[\s"'\\$`<>]/.test(address) || url.hash !== '') {
    throw invalid(where, prop, address, 'holds a character that addresses do not have', "Write it percent-encoded, as '%20' for a space.");
  }
  const secure = url.protocol === 'https:';
  if (!secure && !plainHttp) {
    throw invalid(
      where,
      prop,
      address,
      'is not encrypted: anybody on the way reads what is downloaded',
      "Write https://, or set 'plainHttp' where the way is your own network.",
    );
  }
  return { url: address, host: url.hostname, secure, ...reach(url, secure) };
}

function parsed(where: string, prop: string, address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && ['https:', 'http:'].includes(url.protocol) && url.hostname !== '') return url;
  const wayOut = WAYS_OUT[url?.protocol ?? ''] ?? "For example 'https://models.example.com/ranker-7.tar.gz'.";
  throw invalid(where, prop, address, 'must be an address of https://', wayOut);
}

function reach(url: URL, secure: boolean): Pick<WebAddress, 'egress' | 'privateHost'> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const ports: EgressAnswer['ports'] = [{ protocol: 'TCP', port: Number(url.port) || (secure ? 443 : 80) }];
  const family = isIP(host);
  if (family !== 0) return { egress: [{ peers: [{ cidr: `${host}/${family === 4 ? 32 : 128}` }], ports }] };
  if (PRIVATE_HOST.test(host)) return { egress: [], privateHost: host };
  return { egress: [{ ...PUBLIC_HTTPS, ports }] };
}
