import { invalid } from '../private/errors';
import type { ContainerImage } from './container-image';
import {
  CLUSTER_EXPOSURE,
  type Dialect,
  dnsEgress,
  type ExposureAnswer,
  GCS_BY_KEY_FILE,
  type GpuAnswer,
  type ImageAnswer,
  portForward,
  type RouteAnswer,
  type RouteNeed,
  S3_BY_KEYS,
  type ServiceAddress,
} from './dialect';
import { type Exposure, Reach } from './exposure';
import { OTHER_READ_RATES } from './read-rates';
import { controllerRoute } from './routing';
import type { SetupAnswer } from './setup';
import { MOUNTED, notMounted, type VolumeAnswer, type VolumeNeed } from './volumes';

/**
 * Kubernetes of no known platform: what is the same everywhere is written, what each platform writes in its own way is
 * refused.
 */
export class UpstreamDialect implements Dialect {
  public readonly platform = 'kubernetes';
  public readonly title = 'a cluster that nobody has named';
  public readonly local = false;
  public readonly hasNodePools = true;
  public readonly portsNeedNoRoot = false;
  public readonly readRates = OTHER_READ_RATES;
  public readonly nodePools = [];

  public evictableVolumes(): { [key: string]: string } {
    return {};
  }

  public nodePoolSelector(): { [key: string]: string } {
    return {};
  }

  public image(image: ContainerImage): ImageAnswer {
    if (image.built) {
      throw invalid('image', 'image', image.reference, 'is built by you, and no cluster says where it finds such images', NAME_A_CLUSTER);
    }
    return { reference: image.reference, pullPolicy: 'IfNotPresent' };
  }

  public expose(exposure: Exposure): ExposureAnswer {
    if (exposure.reach === Reach.CLUSTER) return CLUSTER_EXPOSURE;
    throw invalid(
      'exposure',
      'exposure',
      exposure.reach,
      'is written differently by each platform, and no cluster is named',
      NAME_A_CLUSTER,
    );
  }

  public route(need: RouteNeed): RouteAnswer {
    return controllerRoute(this.title, need);
  }

  public gpu(): GpuAnswer {
    throw new Error(`GPUs are selected differently by each platform, and no cluster is named. ${NAME_A_CLUSTER}`);
  }

  public gpuNodes(): undefined {
    return undefined;
  }

  public gcsAccess() {
    return { ...GCS_BY_KEY_FILE, insteadOfKeyFile: NAME_A_CLUSTER };
  }

  public s3Access() {
    return { ...S3_BY_KEYS, insteadOfKeys: NAME_A_CLUSTER };
  }

  public claimRemark(): undefined {
    return undefined;
  }

  public volume({ kind }: VolumeNeed): VolumeAnswer {
    return kind === 'image' ? MOUNTED : notMounted(this.title, kind);
  }

  public dnsEgress() {
    return dnsEgress();
  }

  public setup(): SetupAnswer[] {
    return [];
  }

  public reachCommands(_: Exposure, address: ServiceAddress): string[] {
    return [portForward(address)];
  }
}

const NAME_A_CLUSTER =
  "Name one: new ServingChart(app, 'models', { cluster: Cluster.kind() }), or Cluster.kind().attachTo(chart) before the chart has children.";
