/** Kills the functions of a deployment and its machines at random moments. */
import { beforeAll, test } from 'vitest';
import { MAX_ATTEMPTS } from '../../lib/jobs/attempt-limits.ts';
import { type Deployment, deploy } from '../support/aws-deployment.ts';
import { startDeployedDrill } from '../support/drill/deployed-drill.ts';
import { drillStream } from '../support/drill/drilled-system.ts';
import { checkEndsAfter, killAtRandom } from '../support/drill/kill-at-random.ts';

/** GRAFT_KILLS: how many; GRAFT_SEED: of the moments and victims. */
const KILLS = Number(process.env.GRAFT_KILLS ?? 8);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});

test(`after ${KILLS} random kills of deployed functions and machines each accepted job has ended once, with one version`, {
  timeout: 3_600_000,
}, async () => {
  const system = await startDeployedDrill(deployment);
  // When the clock is set ahead, an attempt whose dispatcher was killed looks lost, which counts, too.
  const victims = await killAtRandom(system, KILLS, drillStream('kills of functions'), MAX_ATTEMPTS - 3);
  system.advanceClock();
  await checkEndsAfter(victims, system);
});
