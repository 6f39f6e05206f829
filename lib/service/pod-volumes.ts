import * as path from 'node:path';
import type { k8s } from 'cdk8s-plus-27';
import { invalid } from '../private/errors';
import { checkShape, type Shape } from '../private/shape';
import { absolutePath, dnsLabel } from '../private/validate';
import type { WorkloadOptions } from './workload-options';

/** Writable place that every container gets, since its file system is read-only. */
export const SCRATCH_VOLUME = 'tmp';
export const SCRATCH_PATH = '/tmp';

/** Directories that the container runtime fills: nothing runs without them. */
const RUNTIME_PATHS = ['/', '/proc', '/sys', '/dev'];

const VOLUME: Shape<k8s.Volume> = {
  name: 'text',
  awsElasticBlockStore: 'map',
  azureDisk: 'map',
  azureFile: 'map',
  cephfs: 'map',
  cinder: 'map',
  configMap: 'map',
  csi: 'map',
  downwardApi: 'map',
  emptyDir: 'map',
  ephemeral: 'map',
  fc: 'map',
  flexVolume: 'map',
  flocker: 'map',
  gcePersistentDisk: 'map',
  gitRepo: 'map',
  glusterfs: 'map',
  hostPath: 'map',
  iscsi: 'map',
  nfs: 'map',
  persistentVolumeClaim: 'map',
  photonPersistentDisk: 'map',
  portworxVolume: 'map',
  projected: 'map',
  quobyte: 'map',
  rbd: 'map',
  scaleIo: 'map',
  secret: 'map',
  storageos: 'map',
  vsphereVolume: 'map',
};

const MOUNT: Shape<k8s.VolumeMount> = {
  name: 'text',
  mountPath: 'text',
  mountPropagation: 'text',
  readOnly: 'truth',
  subPath: 'text',
  subPathExpr: 'text',
};

/** Checks volumes and mounts together. Throws where Kubernetes would refuse them, or take another volume than was meant. */
export function checkVolumes(where: string, { volumes = [], volumeMounts = [] }: WorkloadOptions): void {
  const names = new Set([SCRATCH_VOLUME]);
  volumes.forEach((volume, index) => {
    const prop = `volumes[${index}]`;
    checkShape(where, volume, VOLUME, ['name'], prop);
    dnsLabel(where, `${prop}.name`, volume.name);
    if (names.has(volume.name)) {
      const rule = volume.name === SCRATCH_VOLUME ? 'is the scratch volume that every pod has' : 'stands twice';
      throw invalid(where, `${prop}.name`, volume.name, rule, 'Choose another name.');
    }
    names.add(volume.name);
    const sources = Object.entries(volume).filter(([key, value]) => key !== 'name' && value !== undefined);
    if (sources.length !== 1) {
      const rule = sources.length === 0 ? 'must say what it holds: Kubernetes would take an empty directory' : 'must have one source only';
      throw invalid(where, prop, volume, rule, "For example { name: 'data', persistentVolumeClaim: { claimName: 'data' } }.");
    }
  });
  const paths = new Set([SCRATCH_PATH]);
  volumeMounts.forEach((mount, index) => {
    const prop = `volumeMounts[${index}]`;
    checkShape(where, mount, MOUNT, ['name', 'mountPath'], prop);
    if (!names.has(mount.name)) {
      throw invalid(where, `${prop}.name`, mount.name, "names no volume of 'volumes'", `Known are: ${[...names].join(', ')}.`);
    }
    const target = mountTarget(where, `${prop}.mountPath`, mount.mountPath);
    if (paths.has(target)) {
      const rule = target === SCRATCH_PATH ? 'is the scratch directory that every container has' : 'is mounted twice';
      throw invalid(where, `${prop}.mountPath`, mount.mountPath, rule, 'Mount each path once.');
    }
    paths.add(target);
    checkSubPath(where, prop, mount);
  });
}

/** The directory that a mount covers, however its path is written. */
function mountTarget(where: string, prop: string, mountPath: string): string {
  const target = path.posix.normalize(absolutePath(where, prop, mountPath)).replace(/(?<=.)\/$/, '');
  if (RUNTIME_PATHS.includes(target) || target.startsWith('/proc/')) {
    throw invalid(where, prop, mountPath, 'would hide what the container runtime puts there', "For example '/data'.");
  }
  return target;
}

function checkSubPath(where: string, prop: string, { subPath, subPathExpr }: k8s.VolumeMount): void {
  if (subPath !== undefined && subPathExpr !== undefined) {
    throw invalid(where, `${prop}.subPathExpr`, subPathExpr, "cannot stand beside 'subPath'", 'Remove one of them.');
  }
  for (const [field, value] of Object.entries({ subPath, subPathExpr })) {
    if (value === undefined || !(value.startsWith('/') || value.split('/').includes('..'))) continue;
    throw invalid(where, `${prop}.${field}`, value, "must be a path inside the volume, without '..'", "For example 'models/resnet'.");
  }
}
