import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { type AutoscaledService, ContainerImage, type ModelOptions, Probe, ServiceFront } from '../../lib';
import { type Ground, groundOf } from '../../lib/model/serving/ground';
import type { ModelServer } from '../../lib/model/serving/model-server';
import { serve } from '../../lib/model/serving/serve';

const PORT = 8000;

/** A made-up server of language models, which ends by SIGTERM and answers one protocol on one port. */
function chatty({ source, cores, gpu, loadSeconds }: Ground): ModelServer {
  const image = ContainerImage.fromRegistry(`example.com/chatty:1.2.0${gpu ? '-cuda' : ''}`);
  return {
    component: 'chatty',
    image,
    architecture: 'arm64',
    args: ['serve', source.basePath, `--port=${PORT}`, `--threads=${cores}`],
    env: { CHATTY_TELEMETRY: 'off' },
    files: { configMapName: 'chatty-limits', directory: '/etc/chatty', texts: { 'limits.json': '{"queue":8}\n' } },
    ports: [{ name: 'http', port: PORT, appProtocol: 'http' }],
    probes: {
      startup: Probe.httpGet('/health', { port: PORT, periodSeconds: Duration.seconds(5), failureThreshold: Math.ceil(loadSeconds / 5) }),
      readiness: Probe.httpGet('/health', { port: PORT }),
      liveness: Probe.tcpSocket({ port: PORT }),
    },
    stop: { endsBySignal: true, connectionSeconds: 0 },
    metrics: { port: PORT, path: '/metrics' },
  };
}

/** A model behind that server. */
export class ChattyModel extends ServiceFront {
  public readonly service: AutoscaledService;

  constructor(scope: Construct, id: string, props: ModelOptions) {
    super(scope, id);
    const ground = groundOf(this, props);
    this.service = serve(this, props, ground, chatty(ground));
  }
}
