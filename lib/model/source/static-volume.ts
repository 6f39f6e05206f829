import { createHash } from 'node:crypto';
import { Chart, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { invalid } from '../../private/errors';
import { INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL } from '../../private/labels';
import { emit } from '../../private/objects';
import type { BindingSite, SourceBinding } from './binding';
import { mounted } from './mount';

/** What a volume is made of, and how it is mounted. */
export type VolumeContent = Pick<k8s.PersistentVolumeSpec, 'csi' | 'hostPath' | 'nfs' | 'mountOptions'>;

/** Kubernetes wants a size of every volume; of those that exist already it is never looked at. */
const NOMINAL_SIZE = '1Gi';
const HASH_LENGTH = 8;

/**
 * Writes a volume and its claim, each bound to the other, so that no class makes one and no other claim takes it. Pods of a
 * namespace that enforces "restricted" may mount nothing else that lies outside of the cluster. A volume and a claim cannot
 * change, so their names follow from what they say: another content is another volume, to which a rollout leads.
 *
 * @param content the volume's content, given the volume's name, which no other one has.
 */
export function staticVolume(
  site: BindingSite,
  content: (volumeName: string) => VolumeContent,
): Pick<SourceBinding, 'access' | 'basePath' | 'claimName' | 'volumes' | 'volumeMounts'> {
  const { scope, where, namespace, serviceAccount: workload } = site;
  if (Chart.of(scope).namespace === undefined) {
    throw invalid(
      where,
      'namespace',
      undefined,
      'must be said by the chart: a volume names the namespace of its claim',
      "Write new Chart(app, 'models', { namespace: 'models' }), or use a ServingChart.",
    );
  }
  const said = JSON.stringify([namespace, workload, content('')]);
  const hash = createHash('sha256').update(said).digest('hex').slice(0, HASH_LENGTH);
  const claimName = `${workload}-${hash}`;
  const volumeName = `${namespace}-${claimName}`;
  const labels = { [INSTANCE_LABEL]: workload, [MANAGED_BY_LABEL]: MANAGED_BY };
  const shared = { accessModes: ['ReadOnlyMany'], storageClassName: '' };
  const storage = k8s.Quantity.fromString(NOMINAL_SIZE);
  emit(scope, 'Volume', k8s.KubePersistentVolume, { name: volumeName, labels }, () => ({
    ...shared,
    ...content(volumeName),
    capacity: { storage },
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName },
  }))
    // cdk8s stamps the chart's namespace on every object, also on this one, which stands in none
    .addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  emit(scope, 'Claim', k8s.KubePersistentVolumeClaim, { name: claimName, labels }, () => ({
    ...shared,
    volumeName,
    resources: { requests: { storage } },
  }));
  return {
    ...mounted(site, { persistentVolumeClaim: { claimName, readOnly: true } }),
    claimName,
    access: [
      {
        command: `kubectl get persistentvolume ${volumeName}`,
        purpose: 'must say Bound; where it says Released, its claim was deleted without it: delete it too, and apply again',
      },
    ],
  };
}
