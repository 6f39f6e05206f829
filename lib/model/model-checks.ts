import type { ContainerImage } from '../cluster';
import { invalid } from '../private/errors';
import { answersHealth, HEALTH_SERVICE_SINCE } from './model-probes';
import type { TfServingModelProps } from './model-props';
import { generationGap } from './server/gpu-generation';
import type { TlsParts } from './server/server-tls';
import type { Ground } from './serving/ground';
import type { PodSource } from './source/merge';
import { holds } from './source/paths';

/** The image that the pods need. Refuses one that cannot read a source or use the GPUs, and mounts that hide its server. */
export function imageFor(where: string, props: TfServingModelProps, { sources, gpu, placement }: Ground): ContainerImage {
  const { server, volumeMounts = [] } = props;
  const hiding = volumeMounts.find(({ mountPath }) => typeof mountPath === 'string' && holds(mountPath, server.binary));
  if (hiding) {
    throw invalid(where, 'volumeMounts.mountPath', hiding.mountPath, `would hide the server, ${server.binary}`, 'Mount it elsewhere.');
  }
  const bucket = sources.find(({ binding }) => binding.basePath.startsWith('gs:'))?.binding;
  if (!gpu && !server._trustsBuckets && bucket !== undefined) {
    throw invalid(
      where,
      'server',
      server.image.reference,
      `has no CA certificates, without which it cannot read ${bucket.basePath}`,
      'Use release 1.10.1 or newer.',
    );
  }
  const image = gpu ? server.gpuImage : server.image;
  if (image === undefined) {
    throw invalid(
      where,
      'server',
      server.image.reference,
      'has no image with GPU support, but the pool has GPUs',
      "Give 'gpuReference' to ServerImage.fromReference(), or 'gpuImage' to ServerImage.custom().",
    );
  }
  const gap = generationGap(server, placement);
  if (gap?.fatal) {
    throw invalid(
      where,
      'server',
      image.reference,
      `${gap.reason}: every request would fail with CUDA_ERROR_INVALID_PTX`,
      'Choose another accelerator, or give ServerImage.custom() an image that is built for it.',
    );
  }
  return image;
}

/** Refuses probes of the user that the server cannot answer. */
export function checkModelProbes(where: string, props: TfServingModelProps): void {
  if (answersHealth(props)) return;
  const { server, tls } = props;
  const [reason, wayOut] = !server._release.atLeast(HEALTH_SERVICE_SINCE)
    ? [`that TensorFlow Serving ${server._release} does not have`, `Use release ${HEALTH_SERVICE_SINCE} or newer, or Probe.tcpSocket().`]
    : tls !== undefined
      ? ["that speaks TLS by 'tls', and the kubelet does not", 'Use Probe.tcpSocket().']
      : ["that 'flags.enableGrpcHealthcheckService' switches off", 'Leave that flag out, or use Probe.tcpSocket().'];
  for (const prop of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
    if (!props[prop]?._grpc) continue;
    throw invalid(where, prop, 'Probe.grpc', `asks a service ${reason}: the pod would never be ready`, wayOut);
  }
}

/** Refuses models in the directory where the server finds its TLS configuration. */
export function checkTlsHidesNone(where: string, { volumeMounts }: TlsParts, sources: PodSource[]): void {
  for (const { prop, binding } of sources) {
    const hiding = volumeMounts.find(({ mountPath }) => holds(mountPath, binding.basePath));
    if (hiding === undefined) continue;
    throw invalid(where, prop, binding.basePath, `is hidden by ${hiding.mountPath}, where 'tls' has its file`, 'Put the model elsewhere.');
  }
}
