import { k8s } from 'cdk8s-plus-27';
import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { dnsSubdomain } from '../../private/validate';
import type { PodProgram } from '../../service/pod-program';
import { sslConfigProgram } from '../files/ssl-config';
import { FLAGS } from '../flags/flag-table';
import type { ServerRelease } from './server-release';

/** How callers reach gRPC over TLS. */
export interface ServerTls {
  /**
   * Secret of type `kubernetes.io/tls` in the model's namespace, with `tls.crt`, which must be for the host name that
   * callers use (the model's, its `-headless` twin's, that of a `ModelSwitch`), and `tls.key`. The server reads it once: a renewed certificate counts from the next rollout on.
   */
  readonly secretName: string;

  /**
   * Whether callers must show a certificate that the `ca.crt` of the Secret has signed.
   *
   * @default false
   */
  readonly clientCertificates?: boolean;
}

const SHAPE: Shape<ServerTls> = { secretName: 'text', clientCertificates: 'truth' };

const SECRET = { name: 'server-tls-secret', mountPath: '/etc/tfs-tls-secret' };
const CONFIG = { name: 'server-tls', mountPath: '/etc/tfs-tls' };

/** Each byte of a Secret, of which there are a million at most, becomes four. */
const CONFIG_SIZE = '5Mi';

/** What TLS takes of the pod. */
export interface TlsParts {
  /** The server's ssl_config_file. */
  readonly configPath: string;
  readonly volumes: k8s.Volume[];
  /** What the server sees: not the Secret, but what is made of it. */
  readonly volumeMounts: k8s.VolumeMount[];
  readonly program: PodProgram;
}

/** Makes a TLS Secret a file that the server reads, in memory only. Throws where the release has no TLS. */
export function tlsParts(where: string, tls: ServerTls, release: ServerRelease): TlsParts {
  checkShape(where, tls, SHAPE, ['secretName'], 'tls');
  const secretName = dnsSubdomain(where, 'tls.secretName', tls.secretName);
  const { since } = FLAGS.ssl_config_file;
  if (!release.atLeast(since)) {
    const rule = `needs TensorFlow Serving ${since}, but the image has ${release}, which would serve in plain text`;
    throw invalid(where, 'tls', secretName, rule, 'Use a newer image, or let a service mesh encrypt.');
  }
  const configPath = `${CONFIG.mountPath}/ssl_config.txt`;
  const program = sslConfigProgram({ source: SECRET.mountPath, target: configPath, clientVerify: tls.clientCertificates ?? false });
  return {
    configPath,
    volumes: [
      { name: SECRET.name, secret: { secretName, defaultMode: 0o440 } },
      { name: CONFIG.name, emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString(CONFIG_SIZE) } },
    ],
    volumeMounts: [{ ...CONFIG, readOnly: true }],
    program: { ...program, volumeMounts: [{ ...SECRET, readOnly: true }, CONFIG] },
  };
}

/** Brings the Secret into the cluster. */
export function tlsCommand(namespace: string, { secretName, clientCertificates }: ServerTls): string {
  const create = `kubectl -n ${namespace} create secret`;
  if (!clientCertificates) return `${create} tls ${secretName} --cert=CERTIFICATE_FILE --key=KEY_FILE`;
  const files = ['tls.crt=CERTIFICATE_FILE', 'tls.key=KEY_FILE', 'ca.crt=AUTHORITY_FILE'].map((file) => `--from-file=${file}`);
  return `${create} generic ${secretName} --type=kubernetes.io/tls ${files.join(' ')}`;
}
