import { Duration } from 'cdk8s';
import * as fc from 'fast-check';
import { ContainerImage, Exposure, Peer, Probe, type ProbeOptions } from '../../lib';

/** Values that many props take, drawn from all that is documented as valid. */

export const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Each field drawn, or left out. */
export const someOf = <T extends object>(fields: { [Field in keyof T]: fc.Arbitrary<T[Field]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

export const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/);
export const upperName = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/);
export const truth = fc.boolean();
export const seconds = (min: number, max: number) => fc.integer({ min, max }).map((n) => Duration.seconds(n));

/** Text that YAML might read as something else. */
export const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('a', '0', '=', '$', '"', ' ', ':', '#', 'é', '😀', '-', '\n', '\\'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
  })
  .filter((drawn) => !drawn.includes('\u007f'));

export const labels = fc.dictionary(label, label, { maxKeys: 2 });
export const annotations = fc.dictionary(
  fc.oneof(
    label,
    label.map((name) => `example.com/${name}`),
  ),
  text,
  { maxKeys: 2 },
);

export const cidr = fc
  .record({ address: fc.bigInt(0n, 2n ** 32n - 1n), length: fc.integer({ min: 0, max: 32 }) })
  .map(({ address, length }) => {
    const network = (address >> BigInt(32 - length)) << BigInt(32 - length);
    return `${[24n, 16n, 8n, 0n].map((shift) => (network >> shift) & 255n).join('.')}/${length}`;
  });
const cidrs = fc.array(cidr, { minLength: 1, maxLength: 3 });

const door = { allowedCidrs: cidrs, nodePort: some(fc.integer({ min: 30000, max: 32767 })) };
export const exposure = fc.oneof(
  fc.constant(Exposure.cluster()),
  fc.record(door).map((options) => Exposure.internal(options)),
  fc.record(door).map((options) => Exposure.external(options)),
);

export const peer = fc.oneof(
  label.map((name) => Peer.namespace(name)),
  cidr.map((network) => Peer.cidr(network)),
  fc.constant(Peer.internet()),
  fc.record({ labels, namespace: some(label) }).map((options) => Peer.pods(options)),
);
export const egress = fc.record({ to: peer, ports: fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 }) });

const timing = {
  initialDelaySeconds: seconds(0, 60),
  periodSeconds: seconds(1, 60),
  timeoutSeconds: seconds(1, 10),
  failureThreshold: fc.integer({ min: 1, max: 300 }),
};
const asked = (options: fc.Arbitrary<ProbeOptions>) =>
  fc.oneof(
    options.map((drawn) => Probe.tcpSocket(drawn)),
    options.map((drawn) => Probe.httpGet('/health', drawn)),
    options.map((drawn) => Probe.grpc(drawn)),
    options.map((drawn) => Probe.exec(['/bin/true', '-x'], drawn)),
  );
export const probe = asked(someOf({ ...timing, terminationGracePeriod: seconds(1, 600) }));
export const readiness = asked(someOf({ ...timing, successThreshold: fc.integer({ min: 1, max: 5 }) }));

export const builtImage = fc.tuple(label, label).map(([name, tag]) => ContainerImage.fromBuild(`${name.replace(/-+/g, '-')}:v1${tag}`));
export const image = fc.oneof(
  builtImage,
  fc.tuple(label, label).map(([name, tag]) => ContainerImage.fromRegistry(`example.com/${name.replace(/-+/g, '-')}:v1${tag}`)),
);
