import { type BindingSite, NOTHING, type Resolve, type SourceBinding } from './binding';
import { checkBasePath } from './checks';
import { type ClaimSourceOptions, claimSource } from './claim';
import { type GcsSourceOptions, gcsSource } from './gcs';
import { imageDirectory } from './paths';

/** Where the server finds a model: the directory above its numbered version directories. */
export class ModelSource {
  /**
   * A directory of the server's own image.
   *
   * @param basePath absolute path of the directory that holds the version directories.
   * @throws where it is not absolute, is the root, lies in `/tmp` or a directory of the kernel, or is itself a version
   * directory.
   */
  public static inImage(basePath: string): ModelSource {
    checkBasePath('ModelSource.inImage', 'basePath', imageDirectory('ModelSource.inImage', 'basePath', basePath));
    return new ModelSource(() => ({ ...NOTHING, basePath, pollSeconds: 0, fixed: true }));
  }

  /**
   * A directory of a Google Cloud Storage bucket, which the server reads by itself. On GKE a program of the server's image
   * waits for the pod's token first, which needs `/bin/bash` in it.
   *
   * @param uri for example `gs://bucket/resnet`.
   * @throws where it is no such URI, or is itself a version directory.
   */
  public static gcs(uri: string, options: GcsSourceOptions = {}): ModelSource {
    return new ModelSource(gcsSource('ModelSource.gcs', uri, options), options.pollInterval !== undefined);
  }

  /**
   * A directory of a persistent volume, mounted read-only.
   *
   * @param claimName name of a claim in the model's namespace.
   * @throws where the access mode is unknown, or the path is itself a version directory.
   */
  public static persistentVolumeClaim(claimName: string, options: ClaimSourceOptions = {}): ModelSource {
    const resolve = claimSource('ModelSource.persistentVolumeClaim', claimName, options);
    return new ModelSource(resolve, options.pollInterval !== undefined);
  }

  private constructor(
    private readonly resolve: Resolve,
    /** Whether the server follows new versions by itself. */
    public readonly followsVersions: boolean = false,
  ) {}

  /**
   * @internal
   */
  public _bind(site: BindingSite): SourceBinding {
    return this.resolve(site);
  }
}
