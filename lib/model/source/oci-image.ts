import { ContainerImage } from '../../cluster';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { NOTHING, type Resolve } from './binding';
import { directoryInside, modelVolume, seenAt } from './mount';
import { volumeOn } from './platform-volume';

/** How an image holds a model. */
export interface OciImageSourceOptions {
  /**
   * Directory of the model in the image, which holds the version directories.
   *
   * @default - the image's root
   */
  readonly path?: string;
}

/**
 * From this minor on API servers and kubelets take images as volumes unless somebody turned that off.
 *
 * @see https://github.com/kubernetes/enhancements/issues/4639
 */
const IMAGE_VOLUME_MINOR = 35;

/** A directory of an image that is mounted, not run. */
export function ociImageSource(where: string, image: ContainerImage, options: OciImageSourceOptions): Resolve {
  checkShape(where, { image }, { image: ContainerImage }, ['image']);
  checkShape(where, options, { path: 'text' }, []);
  const inside = directoryInside(where, options.path ?? '/');
  return (site) => {
    const { cluster, scope } = site;
    const source = `ociImage ${image.reference}`;
    if (cluster.kubernetesMinor < IMAGE_VOLUME_MINOR) {
      throw invalid(
        site.where,
        'source',
        source,
        `is an image volume, which Kubernetes 1.${cluster.kubernetesMinor} does not mount unless its nodes and API server are told to`,
        `Say kubernetesVersion: '1.${IMAGE_VOLUME_MINOR}' where the cluster is that new; else build the model into the server's image and write ModelSource.inImage().`,
      );
    }
    const { setup, warning } = volumeOn(site, source, { kind: 'image' });
    const { reference, pullPolicy, command } = cluster._ask(scope, (dialect) => dialect.image(image));
    const volume = modelVolume(site, source);
    return {
      ...NOTHING,
      medium: 'node',
      basePath: seenAt(volume, inside),
      pollSeconds: 0,
      fixed: true,
      imageVolumes: [{ ...volume, reference, pullPolicy }],
      imageCommands: command === undefined ? [] : [command],
      setup,
      warning,
    };
  };
}
