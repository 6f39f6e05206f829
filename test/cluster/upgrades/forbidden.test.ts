import { AutoscaledService, Cluster, ContainerImage, EksNodes, Exposure } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { objectsOf } from '../support/drawn-apps';
import { makeRestrictedNamespace } from '../support/judged';
import { kubectl, run } from '../support/kubectl';
import { Scene } from '../support/scene';

const scene = new Scene('forbidden-upgrades');

scene.story(
  'other nodes of EKS give an exposed Service another class, which Kubernetes takes once it is deleted, as the docs say',
  async () => {
    await makeRestrictedNamespace(scene.namespace);
    kubectl(['apply', '--filename', '-'], exposedOn(EksNodes.MANAGED_NODE_GROUPS));
    const { code, stderr } = run(['apply', '--filename', '-'], exposedOn(EksNodes.AUTO_MODE));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('spec.loadBalancerClass: Invalid value: "eks.amazonaws.com/nlb": may not change once set'),
    });
    scene.kubectl('delete', 'service', 'ping');
    kubectl(['apply', '--filename', '-'], exposedOn(EksNodes.AUTO_MODE));
    scene.say('upgrades: a class of load balancers changes with the nodes of EKS only after its Service is deleted');
  },
);

function exposedOn(nodes: EksNodes): KubeObject {
  const cluster = Cluster.eks({ nodes });
  const objects = objectsOf({ cluster, namespace: scene.namespace, createNamespace: false }, (chart) => {
    new AutoscaledService(chart, 'ping', {
      image: ContainerImage.fromRegistry('ping:v1'),
      ports: [{ port: 80, targetPort: 8080 }],
      resources: { requests: { cpu: '1', memory: '1Gi' } },
      exposure: Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }),
    });
  });
  return objects.find(({ kind }) => kind === 'Service') as KubeObject;
}
