import type { ContainerImage } from '../cluster';
import { invalid } from '../private/errors';
import { printable } from '../private/validate';
import { HEALTH_SERVICE_SINCE } from './model-probes';
import type { TfServingModelProps } from './model-props';
import type { SourceBinding } from './source/binding';
import { holds } from './source/paths';

const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** A name that URLs and flags carry unchanged. */
export function checkModelName(where: string, modelName: string, prop: string): string {
  printable(where, prop, modelName);
  if (!MODEL_NAME.test(modelName)) {
    throw invalid(
      where,
      prop,
      modelName,
      "must consist of at most 128 letters, digits, '_', '.' and '-': it stands in URLs and flags",
      prop === 'id' ? "Choose another construct id, or set 'modelName'." : "For example 'image_classifier'.",
    );
  }
  return modelName;
}

/** The image that the pods need. Refuses one that cannot read a source, and mounts that hide its server. */
export function imageFor(where: string, props: TfServingModelProps, sources: SourceBinding[], gpu: boolean): ContainerImage {
  const { server, volumeMounts = [] } = props;
  const hiding = volumeMounts.find(({ mountPath }) => typeof mountPath === 'string' && holds(mountPath, server.binary));
  if (hiding) {
    throw invalid(where, 'volumeMounts.mountPath', hiding.mountPath, `would hide the server, ${server.binary}`, 'Mount it elsewhere.');
  }
  const bucket = sources.find(({ basePath }) => basePath.startsWith('gs:'));
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
      "Give 'gpuImage' to ServerImage.custom().",
    );
  }
  return image;
}

/** Refuses probes of the user that the server cannot answer. */
export function checkModelProbes(where: string, props: TfServingModelProps): void {
  for (const prop of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
    if (!props[prop]?._grpc || props.server._release.atLeast(HEALTH_SERVICE_SINCE)) continue;
    throw invalid(
      where,
      prop,
      'Probe.grpc',
      `asks a service that TensorFlow Serving ${props.server._release} does not have: the pod would never be ready`,
      `Use release ${HEALTH_SERVICE_SINCE} or newer, or Probe.tcpSocket().`,
    );
  }
}
