import { k8s } from 'cdk8s-plus-27';
import { AutoscaledService, Autoscaling, ContainerImage } from '../lib';
import { only, render } from './support/render';

const scaled = (autoscaling: Autoscaling) =>
  render((chart) => {
    new AutoscaledService(chart, 'ping', {
      image: ContainerImage.fromRegistry('example.com/ping:1.0'),
      ports: [{ port: 80, targetPort: 9696 }],
      resources: { requests: { cpu: '500m', memory: '128Mi' } },
      autoscaling,
    });
  });

describe('metrics of an autoscaler', () => {
  const metric = (fields: object) => Autoscaling.metrics({ maxReplicas: 2, metrics: [fields as k8s.MetricSpecV2] });
  const perPod = { type: 'AverageValue', averageValue: k8s.Quantity.fromString('10') };
  const inAll = { type: 'Value', value: k8s.Quantity.fromNumber(10) };

  test.each<[string, object]>([
    ['Resource', { resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
    ['ContainerResource', { containerResource: { name: 'cpu', container: 'ping', target: perPod } }],
    ['Pods', { pods: { metric: { name: 'queue' }, target: perPod } }],
    ['Object', { object: { metric: { name: 'hits' }, describedObject: { kind: 'Service', name: 'x' }, target: inAll } }],
    ['External', { external: { metric: { name: 'queue' }, target: perPod } }],
  ])('%s', (type, block) => {
    const { spec } = only(scaled(metric({ type, ...block })), 'HorizontalPodAutoscaler');
    expect(spec.metrics).toHaveLength(1);
    expect(Object.keys(spec.metrics[0]).sort()).toEqual([...Object.keys(block), 'type'].sort());
    expect(() => metric({ type })).toThrow(/'metrics\[0\]\..*' \(undefined\) must say what is measured/);
    expect(() => metric(block)).toThrow(/'metrics\[0\].type' \(undefined\) must be a text/);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown type', { type: 'cpu' }, /'metrics\[0\].type' \("cpu"\) must be Resource or/],
    [
      'the block of another type',
      { type: 'Pods', resource: {} },
      /'metrics\[0\].resource' \({}\) does not go with type Pods. Write 'pods'/,
    ],
    ['an unknown block', { type: 'Resource', resources: {} }, /'metrics\[0\].resources'.*Did you mean 'resource'/],
    ['no container', { type: 'ContainerResource', containerResource: { name: 'cpu', target: perPod } }, /containerResource.container'/],
    ['no target', { type: 'Resource', resource: { name: 'cpu' } }, /'metrics\[0\].resource.target'/],
    [
      'a target in all',
      { type: 'Pods', pods: { metric: { name: 'q' }, target: inAll } },
      /pods.target.type' \("Value"\) must be AverageValue/,
    ],
    [
      'a target that says nothing',
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageUtilization: 60 } } },
      /resource.target.averageValue' \(undefined\) must stand in a target of type AverageValue/,
    ],
    [
      'a quantity that the types would drop',
      { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '10' } } },
      /external.target.value' \("10"\) must be made by one of the methods of Quantity/,
    ],
  ])('fails on %s', (_, fields, message) => {
    expect(() => metric(fields)).toThrow(message);
  });
});
