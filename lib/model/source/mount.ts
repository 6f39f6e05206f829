import type { k8s } from 'cdk8s-plus-27';
import { absolutePath, nonEmpty } from '../../private/validate';
import type { SourceBinding } from './binding';
import { checkBasePath } from './checks';

/** Name of the volume that holds the model. */
export const MODEL_VOLUME = 'models';

/** Where the server sees that volume. */
export const MODEL_MOUNT = '/mnt/models';

/** Directory of a volume or an image as an absolute path. Throws where it is none that the server finds versions in. */
export function directoryInside(where: string, path: string): string {
  nonEmpty(where, 'path', path, 'team/resnet');
  const inside = absolutePath(where, 'path', path.startsWith('/') ? path : `/${path}`);
  checkBasePath(where, 'path', inside);
  return inside;
}

/** The path at which the server sees a directory of the volume. */
export function seenAt(inside: string): string {
  return `${MODEL_MOUNT}${inside === '/' ? '' : inside}`;
}

/** The model's volume in the pod, of which the server may change nothing. */
export function mounted(source: Omit<k8s.Volume, 'name'>, inside = '/'): Pick<SourceBinding, 'basePath' | 'volumes' | 'volumeMounts'> {
  return {
    basePath: seenAt(inside),
    volumes: [{ name: MODEL_VOLUME, ...source }],
    volumeMounts: [{ name: MODEL_VOLUME, mountPath: MODEL_MOUNT, readOnly: true }],
  };
}
