import type { IConstruct } from 'constructs';
import { Cluster, type Exposure, Reach } from '../cluster';
import type { ExposureAnswer, ServiceAddress, SetupNeed } from '../cluster/dialect';
import { letEverybodyIn } from '../private/networks';
import { addNotice, warn } from '../private/notices';
import { overruled } from '../private/overruled';

/** Warns where an exposure lets everybody in, or annotations say something else than it. */
export function reportExposure(
  construct: IConstruct,
  exposure: Exposure,
  answer: ExposureAnswer,
  serviceAnnotations?: { [key: string]: string },
): void {
  if (exposure.reach === Reach.CLUSTER) return;
  // a rule over the finished objects says so where it is a load balancer
  if (answer.type !== 'LoadBalancer' && letEverybodyIn(exposure.allowedCidrs)) {
    warn(
      construct,
      `everybody may call it (${exposure.allowedCidrs.join(', ')}), and it asks nobody who they are`,
      "Name the networks that may come in 'exposure', or put an authenticating gateway in front.",
    );
  }
  for (const { key, value, instead } of overruled(answer.annotations, serviceAnnotations)) {
    warn(
      construct,
      `serviceAnnotations: ${key} is '${value}', where 'exposure' says '${instead}'`,
      "Say it in 'exposure', or leave the annotation out.",
    );
  }
}

/** Says how an exposed service is reached. */
export function reportReach(construct: IConstruct, exposure: Exposure, address: ServiceAddress): void {
  if (exposure.reach === Reach.CLUSTER) return;
  for (const text of Cluster.of(construct)._dialect.reachCommands(exposure, address)) {
    addNotice(construct, { kind: 'reach', text, detail: `reaches ${address.service}` });
  }
}

/** Says what must stand in the cluster first. */
export function reportSetup(construct: IConstruct, needs: SetupNeed[]): void {
  const { _dialect: dialect } = Cluster.of(construct);
  for (const { command, purpose } of needs.flatMap((need) => dialect.setup(need))) {
    addNotice(construct, { kind: 'setup', text: command, detail: purpose });
  }
}
