import type { Duration } from 'cdk8s';
import { invalid } from './errors';
import { networkOf } from './networks';

/** RFC 1035 label: what every object name, port name and Service name of every Kubernetes minor accepts. */
const DNS_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** What the API server takes for all annotations of an object. */
const MAX_ANNOTATION_BYTES = 2 ** 18;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const IPV4_CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;
const IPV6_CIDR = /^[0-9a-fA-F:]+\/(\d{1,3})$/;
/** Largest number that the API's 32-bit fields hold. */
const MAX_INT32 = 2 ** 31 - 1;
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

export function dnsLabel(where: string, prop: string, value: string, maxLength = 63): string {
  if (typeof value !== 'string' || !DNS_LABEL.test(value) || value.length > maxLength) {
    throw invalid(
      where,
      prop,
      value,
      `must be a DNS label of at most ${maxLength} characters: a-z, 0-9 and '-', starting with a letter and not ending with '-'`,
      "For example 'image-classifier'.",
    );
  }
  return value;
}

export function dnsSubdomain(where: string, prop: string, value: string): string {
  if (typeof value !== 'string' || !DNS_SUBDOMAIN.test(value) || value.length > 253) {
    throw invalid(where, prop, value, 'must be a lower-case DNS name of at most 253 characters', "For example 'models.example.com'.");
  }
  return value;
}

export function wholeNumber(where: string, prop: string, value: number, min: number, max = MAX_INT32): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalid(where, prop, value, `must be a whole number from ${min} to ${max}`, `Write for example ${Math.max(min, 1)}.`);
  }
  return value;
}

export function portNumber(where: string, prop: string, value: number): number {
  return wholeNumber(where, prop, value, 1, 65535);
}

/** Longest time that a request, a load or a download may take: more is a unit mixed up. */
export const DAY_SECONDS = 24 * 3600;

/** Seconds of a duration, for fields of the API that hold whole seconds. */
export function wholeSeconds(where: string, prop: string, duration: Duration, min: number, max = MAX_INT32): number {
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < min || seconds > max) {
    const wayOut = `For example Duration.seconds(${Math.max(min, 1)}).`;
    throw invalid(where, prop, `${seconds} s`, `must be a whole number of seconds from ${min} to ${max}`, wayOut);
  }
  return seconds;
}

export function nonEmpty(where: string, prop: string, value: string, example: string): string {
  if (typeof value !== 'string' || value.trim() === '' || value !== value.trim()) {
    throw invalid(where, prop, value, 'must be a text without spaces around it', `For example '${example}'.`);
  }
  return printable(where, prop, value);
}

/** Text that YAML, Go and a container runtime carry unchanged: no control characters, no lone surrogates. */
export function printable(where: string, prop: string, value: string): string {
  if (typeof value !== 'string') {
    throw invalid(where, prop, value, 'must be a text', 'Quote it, also where it is a number or a truth value.');
  }
  if (UNPRINTABLE.test(value) || !isWellFormed(value)) {
    throw invalid(
      where,
      prop,
      value,
      'holds a character that YAML or a container cannot carry',
      'Remove control characters and lone surrogates.',
    );
  }
  return value;
}

export function absolutePath(where: string, prop: string, value: string): string {
  nonEmpty(where, prop, value, '/models/resnet');
  if (!value.startsWith('/') || value.split('/').includes('..') || value.includes(':')) {
    throw invalid(where, prop, value, "must be an absolute path without '..' and ':'", "For example '/models/resnet'.");
  }
  return value;
}

export function envName(where: string, prop: string, value: string): string {
  // a map of JavaScript cannot hold __proto__
  if (typeof value !== 'string' || !ENV_NAME.test(value) || value === '__proto__') {
    throw invalid(
      where,
      prop,
      value,
      'must be an environment variable name: letters, digits and _, not starting with a digit',
      "For example 'TF_SERVING_HOST'.",
    );
  }
  return value;
}

export function cidr(where: string, prop: string, value: string): string {
  if (typeof value !== 'string' || !(isIpv4Cidr(value) || isIpv6Cidr(value))) {
    const single = typeof value === 'string' && isIpv4Cidr(`${value}/32`);
    throw invalid(
      where,
      prop,
      value,
      'must be a network in CIDR form',
      single ? `Did you mean '${value}/32'?` : "For example '203.0.113.0/24', or '0.0.0.0/0' where everybody may come.",
    );
  }
  const network = networkOf(value);
  if (network !== value) {
    throw invalid(
      where,
      prop,
      value,
      'is an address in a network, not the network: newer Kubernetes refuses it',
      `Did you mean '${network}'?`,
    );
  }
  return value;
}

export function labels(where: string, prop: string, map: { [key: string]: string }): { [key: string]: string } {
  for (const [key, value] of Object.entries(map)) {
    qualifiedName(where, `${prop} key`, key);
    labelValue(where, `${prop}.${key}`, value);
  }
  return { ...map };
}

export function labelValue(where: string, prop: string, value: string): string {
  if (typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value)) {
    throw invalid(
      where,
      prop,
      value,
      "must be a label value: at most 63 of A-Z, a-z, 0-9, '-', '_' and '.', with a letter or digit at both ends",
      'Put longer or freer texts into annotations.',
    );
  }
  return value;
}

export function annotations(where: string, prop: string, map: { [key: string]: string }): { [key: string]: string } {
  for (const [key, value] of Object.entries(map)) {
    qualifiedName(where, `${prop} key`, key);
    printable(where, `${prop}.${key}`, value);
  }
  const size = Object.entries(map).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > MAX_ANNOTATION_BYTES) {
    throw invalid(
      where,
      prop,
      `${size} bytes`,
      `must be at most ${MAX_ANNOTATION_BYTES} bytes together`,
      'Put longer texts into a ConfigMap.',
    );
  }
  return { ...map };
}

/** A key of labels and annotations, also what other fields take as a name with an optional domain. */
export function qualifiedName(where: string, prop: string, key: string): void {
  const parts = key.split('/');
  const name = parts.at(-1) as string;
  const prefixOk = parts.length === 1 || (parts.length === 2 && DNS_SUBDOMAIN.test(parts[0]) && parts[0].length <= 253);
  if (!prefixOk || name === '' || name.length > 63 || !LABEL_VALUE.test(name) || key === '__proto__') {
    throw invalid(
      where,
      prop,
      key,
      "must be a name of at most 63 characters, with an optional 'domain/' before it",
      "For example 'example.com/team'.",
    );
  }
}

function isIpv4Cidr(value: string): boolean {
  const match = IPV4_CIDR.exec(value);
  if (!match) return false;
  const octets = match.slice(1, 5);
  return octets.every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet) && Number(match[5]) <= 32;
}

function isIpv6Cidr(value: string): boolean {
  const match = IPV6_CIDR.exec(value);
  if (!match || Number(match[1]) > 128) return false;
  const address = value.slice(0, value.indexOf('/'));
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const groupsOk = groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
  return groupsOk && (halves.length === 2 ? groups.length < 8 : groups.length === 8);
}

/** Whether a text has no lone surrogates, which UTF-8 cannot hold. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdbff) {
      const next = text.charCodeAt(i + 1);
      if (!(next >= 0xdc00 && next <= 0xdfff)) return false;
      i++;
    } else if (code >= 0xdc00 && code <= 0xdfff) {
      return false;
    }
  }
  return true;
}
