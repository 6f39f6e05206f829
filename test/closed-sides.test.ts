import { AutoscaledService, type AutoscaledServiceProps, ContainerImage, Exposure, Peer, ServingChart } from '../lib';
import { noticesOf } from '../lib/private/notices';
import { GKE, render } from './support/render';

const SERVICE: AutoscaledServiceProps = {
  image: ContainerImage.fromRegistry('example.com/ping:1.0'),
  ports: [{ port: 80, targetPort: 9696 }],
  resources: { requests: { cpu: '500m', memory: '128Mi' } },
};

type Props = Partial<AutoscaledServiceProps>;

/** Warnings of two services, made in one namespace or in two. */
const warnings = (connect: (web: AutoscaledService, api: AutoscaledService) => void, api: Props = {}, web: Props = {}, apart = false) => {
  let texts: string[] = [];
  render((chart) => {
    const far = apart ? new ServingChart(chart.node.root as never, 'far', { cluster: GKE }) : chart;
    const services = [
      new AutoscaledService(chart, 'web', { ...SERVICE, ...web }),
      new AutoscaledService(far, 'api', { ...SERVICE, ...api }),
    ] as const;
    connect(...services);
    texts = noticesOf([...services])
      .filter(({ kind, text }) => kind === 'warning' && !text.startsWith('nobody'))
      .map(({ path, text, detail }) => `${path}: ${text}. ${detail}`);
  });
  return texts;
};

const call: (web: AutoscaledService, api: AutoscaledService) => void = (web, api) => web.allowTo({ to: Peer.of(api), ports: [9696] });

test('a service that may call another, which does not let it in, is reported', () => {
  expect(warnings(call)).toEqual([
    "models/web: egress: it may call 'models/api', which does not let it in. Name this service in 'callers' of 'models/api': both sides must let a connection through.",
  ]);
});

test('a service that lets another in, which may not call it, is reported', () => {
  expect(warnings((web, api) => api.allowFrom(Peer.of(web)))).toEqual([
    "models/api: callers: 'models/web' may call it, but its own pods may not call it. Name this service in 'egress' of 'models/web': both sides must let a connection through.",
  ]);
});

test('another port than the one that is called is as good as closed', () => {
  const connect = (port: number) => (web: AutoscaledService, api: AutoscaledService) => {
    web.allowTo({ to: Peer.of(api), ports: [port] });
    api.allowFrom(Peer.of(web));
  };
  expect(warnings(connect(9696))).toEqual([]);
  expect(warnings(connect(80))).toHaveLength(1);
});

test.each<[string, Props, Props]>([
  ['its namespace', { callers: [Peer.namespace('models')] }, {}],
  ['a label', { callers: [Peer.pods({ labels: { team: 'vision' }, namespace: 'models' })] }, { podLabels: { team: 'vision' } }],
  ['a network', { callers: [Peer.cidr('10.0.0.0/8')] }, {}],
  ['an exposure', { exposure: Exposure.internal({ allowedCidrs: ['10.0.0.0/8'] }) }, {}],
])('%s lets it in as well', (_, api, web) => {
  expect(warnings(call, api, web)).toEqual([]);
  expect(warnings(call, api, web, true)).toEqual([]);
});

test.each<[string, Props]>([
  ['another namespace', { callers: [Peer.namespace('elsewhere')] }],
  ['another label', { callers: [Peer.pods({ labels: { team: 'audio' } })] }],
  ['pods of its own namespace', { callers: [Peer.pods({ labels: {} })] }],
])('%s does not', (_, api) => {
  expect(warnings(call, api, { podLabels: { team: 'vision' } }, true)).toHaveLength(1);
});

test('a service that lets nobody in is reported, until somebody is named', () => {
  const told = (props: Props) => {
    let texts: string[] = [];
    render((chart) => {
      texts = noticesOf([new AutoscaledService(chart, 'api', { ...SERVICE, ...props })]).map(({ text }) => text);
    });
    return texts.filter((text) => text.startsWith('nobody may call it'));
  };
  expect(told({})).toHaveLength(1);
  expect(told({ callers: [Peer.namespace('web')] })).toEqual([]);
  expect(told({ exposure: Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }) })).toEqual([]);
});
