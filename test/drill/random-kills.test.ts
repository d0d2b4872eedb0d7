/** Kills processes of the embedded system at random moments, with jobs in flight, and submits with the same keys again. */
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'vitest';
import { MAX_ATTEMPTS } from '../../lib/jobs/attempt-limits.ts';
import type { RandomStream } from '../../lib/random.ts';
import { checkEnds, drillStream, startDrill, submitAll } from '../support/drill/drilled-system.ts';
import { killWorker } from '../support/kill-worker.ts';

/** GRAFT_KILLS: how many; GRAFT_SEED: of the moments and victims. */
const KILLS = Number(process.env.GRAFT_KILLS ?? 12);

const LONGEST_PAUSE_MS = 3000;
/** From this attempt on, a job is left alone. */
const MOST_ATTEMPTS = 6;

test(`after ${KILLS} random kills each accepted job has ended once, with one version`, { timeout: 3_600_000 }, async () => {
  const random = drillStream('kills');
  const system = await startDrill();
  const victims = { server: 0, worker: 0, both: 0 };

  for (let kills = 0; kills < KILLS; ) {
    await submitAll(system);
    await wait(random.next() * LONGEST_PAUSE_MS);
    const victim = pick(['server', 'worker', 'both'] as const, random) ?? 'both';
    // A job fails after so many attempts without a new result, as it should; and each must end some day.
    const { jobs: alive } = await system.client.jobs.list({ state: 'RUNNING' });
    const running = alive.filter(({ losses = 0, attempt }) => losses < MAX_ATTEMPTS - 1 && attempt < MOST_ATTEMPTS);
    const worker = victim === 'server' ? undefined : pick(running, random);
    if (victim !== 'server' && worker === undefined) continue;
    if (worker !== undefined) killWorker(worker);
    if (victim !== 'worker') await system.restart();
    victims[victim]++;
    kills++;
    if (kills % 20 === 0) process.stderr.write(`${kills} kills: ${JSON.stringify(victims)}\n`);
  }

  const jobs = await checkEnds(system);
  process.stderr.write(`${jobs.length} jobs; killed: ${JSON.stringify(victims)}\n`);
});

function pick<Item>(items: readonly Item[], random: RandomStream): Item | undefined {
  return items[random.integer(items.length)];
}
