/** Kills processes of the embedded system at random moments. */
import { test } from 'vitest';
import { drillStream, startDrill } from '../support/drill/drilled-system.ts';
import { checkEndsAfter, killAtRandom } from '../support/drill/kill-at-random.ts';

/** GRAFT_KILLS: how many; GRAFT_SEED: of the moments and victims. */
const KILLS = Number(process.env.GRAFT_KILLS ?? 12);

test(`after ${KILLS} random kills each accepted job has ended once, with one version`, { timeout: 3_600_000 }, async () => {
  const system = await startDrill();
  await checkEndsAfter(await killAtRandom(system, KILLS, drillStream('kills')), system);
});
