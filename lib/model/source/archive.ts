import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { dnsSubdomain, wholeNumber } from '../../private/validate';
import { ARCHIVE_SCRIPT, type ArchiveVariables } from './archive-script';
import type { BindingSite, Resolve } from './binding';
import {
  DOWNLOAD_SHAPE,
  type DownloadOptions,
  downloadedBinding,
  downloader,
  downloadVolume,
  resolveDownload,
  type Tool,
} from './download';
import { webAddress } from './web-address';

/** An archive with one model. */
export interface ArchiveSourceOptions extends DownloadOptions {
  /** SHA-256 of the archive, as `sha256sum` prints it: 64 hexadecimal digits. */
  readonly sha256: string;

  /** Number of the version, under which the server knows it. */
  readonly version: number;

  /**
   * Secret whose key `token` holds a bearer token for the address. curl keeps it from other hosts that the address leads to.
   *
   * @default - none
   */
  readonly tokenSecretName?: string;
}

const SHAPE: Shape<ArchiveSourceOptions> = { ...DOWNLOAD_SHAPE, sha256: 'text', version: 'number', tokenSecretName: 'text' };

/** curl on Alpine, whose busybox has the rest. @see https://github.com/curl/curl-container */
const TOOL: Tool = { image: 'curlimages/curl:8.14.1', memory: '128Mi' };
const STALL_SECONDS = 30;
const TOKEN_VOLUME = 'model-token';
const TOKEN_MOUNT = '/var/run/secrets/model';

/** An archive that a program before the server downloads. */
export function archiveSource(where: string, address: string, options: ArchiveSourceOptions): Resolve {
  checkShape(where, options, SHAPE, ['size', 'sha256', 'version']);
  const { sha256, version, tokenSecretName, plainHttp = false } = options;
  const { url, secure, egress, privateHost } = webAddress(where, 'url', address, plainHttp);
  const packed = /\.(zip|7z|rar|t?bz2?|t?xz|t?zst|lz4)$/i.exec(new URL(url).pathname)?.[0];
  if (packed !== undefined) {
    throw invalid(
      where,
      'url',
      url,
      `names an archive of the kind ${packed}, which the image has no tool for`,
      'Pack the model as .tar.gz.',
    );
  }
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    const rule = 'must be the SHA-256 of the archive: 64 of 0-9 and a-f';
    throw invalid(where, 'sha256', sha256, rule, "'sha256sum FILE' prints it.");
  }
  wholeNumber(where, 'version', version, 0, Number.MAX_SAFE_INTEGER);
  if (tokenSecretName !== undefined) {
    dnsSubdomain(where, 'tokenSecretName', tokenSecretName);
    if (!secure) throw invalid(where, 'tokenSecretName', tokenSecretName, `would be sent to ${url} in the clear`, 'Write https://.');
  }
  const download = resolveDownload(where, options, TOOL);
  const variables: Omit<ArchiveVariables, 'MODEL_ROOT'> = {
    MODEL_URL: url,
    MODEL_PROTOCOLS: secure ? '=https' : '=https,http',
    MODEL_SHA256: sha256,
    MODEL_VERSION: String(version),
    MODEL_TOKEN_FILE: tokenSecretName === undefined ? '/dev/null' : `${TOKEN_MOUNT}/token`,
    MODEL_BUDGET: String(download.budgetSeconds),
    MODEL_STALL: String(STALL_SECONDS),
  };
  return (site) => {
    const volume = downloadVolume(site, `${url} ${sha256} ${version}`);
    const binding = downloadedBinding(download, volume);
    const token = tokenSecretName === undefined ? undefined : tokenVolume(site, tokenSecretName, url);
    const what = { name: 'download-model', script: ARCHIVE_SCRIPT, env: variables, mounts: token ? [token.mount] : [] };
    const program = downloader(volume, what, download);
    return {
      ...binding,
      fixed: true,
      brings: [version],
      room: { bytes: download.sizeBytes, versions: 1 },
      pollSeconds: 0,
      egress,
      privateHost,
      volumes: [...binding.volumes, ...(token ? [token.volume] : [])],
      access: token ? [token.access] : [],
      programs: [{ ...program, keptBytes: download.sizeBytes }],
    };
  };
}

function tokenVolume({ namespace, volumeNames }: BindingSite, secretName: string, url: string) {
  const name = `${TOKEN_VOLUME}${volumeNames.suffix(TOKEN_VOLUME, secretName)}`;
  return {
    volume: { name, secret: { secretName } },
    mount: { name, mountPath: TOKEN_MOUNT, readOnly: true },
    access: {
      command: `kubectl -n ${namespace} create secret generic ${secretName} --from-file=token=TOKEN_FILE`,
      purpose: `lets the pods download ${url}`,
    },
  };
}
