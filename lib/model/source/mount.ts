import type { k8s } from 'cdk8s-plus-27';
import { absolutePath, nonEmpty } from '../../private/validate';
import type { BindingSite, SourceBinding } from './binding';
import { checkBasePath } from './checks';

/** Directory of a volume or an image as an absolute path. Throws where it is none that the server finds versions in. */
export function directoryInside(where: string, path: string): string {
  nonEmpty(where, 'path', path, 'team/resnet');
  const inside = absolutePath(where, 'path', path.startsWith('/') ? path : `/${path}`);
  checkBasePath(where, 'path', inside);
  return inside;
}

/** Name of a volume of the pod, and where the server sees it. */
export interface ModelVolume {
  readonly name: string;
  readonly mountPath: string;
}

/**
 * The volume of a model's source in its pod: one for all models with the same content.
 *
 * @param content what tells it from those of other models.
 */
export function modelVolume({ volumeNames }: BindingSite, content: string): ModelVolume {
  const suffix = volumeNames.suffix('models', content);
  return { name: `models${suffix}`, mountPath: `/mnt/models${suffix}` };
}

/** The path at which the server sees a directory of the volume. */
export function seenAt({ mountPath }: ModelVolume, inside: string): string {
  return `${mountPath}${inside === '/' ? '' : inside}`;
}

/** The model's volume in the pod, of which the server may change nothing. */
export function mounted(
  site: BindingSite,
  source: Omit<k8s.Volume, 'name'>,
  inside = '/',
): Pick<SourceBinding, 'basePath' | 'volumes' | 'volumeMounts'> {
  const volume = modelVolume(site, JSON.stringify(source));
  return {
    basePath: seenAt(volume, inside),
    volumes: [{ name: volume.name, ...source }],
    volumeMounts: [{ ...volume, readOnly: true }],
  };
}
