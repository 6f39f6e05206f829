import { type ArchiveSourceOptions, archiveSource } from './archive';
import { type BindingSite, NOTHING, type Resolve, type SourceBinding } from './binding';
import { checkBasePath } from './checks';
import { type ClaimSourceOptions, claimSource } from './claim';
import { type GcsSourceOptions, gcsSource } from './gcs';
import { imageDirectory } from './paths';
import { type S3SourceOptions, s3Source } from './s3';

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
    return new ModelSource(() => ({ ...NOTHING, basePath, pollSeconds: 0 }));
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

  /**
   * An archive that each pod downloads before its server starts, checks against its checksum, and unpacks: a `.tar.gz` or
   * `.tar` with one model in it, at its root or in any directory. A download that breaks off goes on where it stopped.
   * Links in the archive are refused.
   *
   * A `toolImage` of your own needs `/bin/sh`, curl 7.83, tar, gzip, sha256sum, find and od.
   *
   * @param url for example `https://models.example.com/ranker-7.tar.gz`.
   * @throws where it is no such address, carries credentials, or the checksum is none.
   */
  public static archive(url: string, options: ArchiveSourceOptions): ModelSource {
    return new ModelSource(archiveSource('ModelSource.archive', url, options));
  }

  /**
   * A directory of a bucket of Amazon S3, which each pod downloads before its server starts. The server reads `s3://` by
   * itself in releases before 2.7 only, and those know no role of a pod, so that all releases get their models this way.
   * A version is published when its files have the names, sizes and times that the bucket tells. Their content is not proven:
   * the AWS CLI compares checksums of files under 8 MiB only, where the bucket has stored them.
   *
   * A `toolImage` of your own needs `/bin/sh`, the AWS CLI 2.15, timeout and sort.
   *
   * @param uri directory that holds the version directories, for example `s3://bucket/ranker`.
   * @throws where it is no such URI, is itself a version directory, or neither versions nor an interval are given.
   */
  public static s3(uri: string, options: S3SourceOptions): ModelSource {
    return new ModelSource(s3Source('ModelSource.s3', uri, options), options.pollInterval !== undefined);
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
