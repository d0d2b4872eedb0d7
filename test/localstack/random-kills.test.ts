/** Kills the functions of a deployment and its machines at random moments. */
import { beforeAll, expect, test } from 'vitest';
import { FEATURES_EXTRACTED, MAX_ATTEMPTS } from '../../lib/jobs/attempt-limits.ts';
import { type Deployment, deploy } from '../support/aws/aws-deployment.ts';
import { startDeployedDrill } from '../support/drill/deployed-drill.ts';
import { drillStream } from '../support/drill/drilled-system.ts';
import { checkEndsAfter, killAtRandom } from '../support/drill/kill-at-random.ts';

/** GRAFT_KILLS: how many; GRAFT_SEED: of the moments and victims. */
const KILLS = Number(process.env.GRAFT_KILLS ?? 8);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});

test(`after ${KILLS} random kills of deployed functions and machines each accepted job and upload has ended once, with one version`, {
  timeout: 3_600_000,
}, async () => {
  const random = drillStream('kills of functions');
  const system = await startDeployedDrill(deployment, random);
  // When the clock is set ahead, an attempt whose dispatcher was killed looks lost, which counts, too.
  const victims = await killAtRandom(system, KILLS, random, MAX_ATTEMPTS - 3);
  system.advanceClock();
  await checkEndsAfter({ ...victims, ...system.killed }, system);
  await system.checkUploads();
  const { jobs } = await system.client.jobs.list({ limit: 100 });
  const extracted = jobs.filter(({ history = [] }) => history.some(({ code }) => code === FEATURES_EXTRACTED));
  expect(extracted, 'functions have extracted features').not.toEqual([]);
});
