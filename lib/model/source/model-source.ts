import type { ContainerImage } from '../../cluster';
import { type ArchiveSourceOptions, archiveSource } from './archive';
import { type BindingSite, NOTHING, type Resolve, type SourceBinding } from './binding';
import { checkBasePath } from './checks';
import { type ClaimSourceOptions, claimSource } from './claim';
import { type GcsSourceOptions, gcsSource } from './gcs';
import { type GcsFuseSourceOptions, gcsFuseSource } from './gcs-fuse';
import { type HostPathSourceOptions, hostPathSource } from './host-path';
import { type NfsSourceOptions, nfsSource } from './nfs';
import { type OciImageSourceOptions, ociImageSource } from './oci-image';
import { imageDirectory } from './paths';
import { type S3SourceOptions, s3Source } from './s3';
import { type S3MountSourceOptions, s3MountSource } from './s3-mount';

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
    return new ModelSource(() => ({ ...NOTHING, basePath, medium: 'node', pollSeconds: 0, fixed: true }));
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

  /**
   * A directory of the nodes of kind or minikube, which are yours. A volume and a claim of their own are written for it, so
   * that the pods pass Pod Security "restricted". The pods' user must be able to read it.
   *
   * @param path absolute path of the model's directory in the nodes, for example `/models/resnet`.
   * @throws where the path belongs to the node itself, is itself a version directory, or holds what shells read. A model
   * that uses it throws on any other cluster.
   */
  public static hostPath(path: string, options: HostPathSourceOptions = {}): ModelSource {
    return new ModelSource(hostPathSource('ModelSource.hostPath', path, options), options.pollInterval !== undefined);
  }

  /**
   * A directory that an NFS server exports. The nodes mount it, read-only: they need a client of NFS and a way to the server,
   * and no network policy is in their way. A volume and a claim of their own are written for it. The pods' user must be able
   * to read it.
   *
   * @param server host name as the nodes know it, or address.
   * @param path absolute path of the model's directory on the server.
   * @throws where the server is no host of the nodes, or the path is itself a version directory.
   */
  public static nfs(server: string, path: string, options: NfsSourceOptions = {}): ModelSource {
    return new ModelSource(nfsSource('ModelSource.nfs', server, path, options), options.pollInterval !== undefined);
  }

  /**
   * A directory of an image that holds nothing but the model: the nodes pull it as they pull any other image, and mount it
   * read-only. A new version is another image, and a rollout. It takes Kubernetes 1.35.
   *
   * @throws where the path is itself a version directory. A model that uses it throws on a cluster of an older Kubernetes.
   */
  public static ociImage(image: ContainerImage, options: OciImageSourceOptions = {}): ModelSource {
    return new ModelSource(ociImageSource('ModelSource.ociImage', image, options));
  }

  /**
   * A directory of a bucket that GKE mounts into the pod by Cloud Storage FUSE, so that reads take as long as the network.
   * A container that GKE adds to each pod reads the bucket as the model's service account.
   *
   * @param bucket name of the bucket.
   * @throws where a name, a directory, an option or a quantity is none, or the path is itself a version directory. A model
   * that uses it throws on any other cluster.
   */
  public static gcsFuse(bucket: string, options: GcsFuseSourceOptions = {}): ModelSource {
    return new ModelSource(gcsFuseSource('ModelSource.gcsFuse', bucket, options), options.pollInterval !== undefined);
  }

  /**
   * A directory of a bucket that EKS mounts into the pod by Mountpoint for Amazon S3. A volume and a claim of their own are
   * written for it.
   *
   * @param bucket name of the bucket.
   * @throws where a name, a directory, a region or an option is none, or the path is itself a version directory. A model that
   * uses it throws on any other cluster.
   */
  public static s3Mount(bucket: string, options: S3MountSourceOptions = {}): ModelSource {
    return new ModelSource(s3MountSource('ModelSource.s3Mount', bucket, options), options.pollInterval !== undefined);
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
