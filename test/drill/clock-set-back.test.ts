/** Sets the clock of the embedded system back, with jobs in flight. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hasEnded } from '../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { MAX_ATTEMPTS } from '../../lib/jobs/attempt-limits.ts';
import { openDrillClock } from '../support/drill/drill-clock.ts';
import { checkEnds, drillStream, startDrill, submitAll, trainingJob } from '../support/drill/drilled-system.ts';
import { killWorker } from '../support/processes/kill-worker.ts';

/** GRAFT_CLOCKS_SET: how often the clock is set back. */
const TIMES = Number(process.env.GRAFT_CLOCKS_SET ?? 3);
const HOUR_SECONDS = 3600;

test(`if the clock is set back by hours ${TIMES} times, no job waits for it, and each ends once`, async () => {
  const random = drillStream('clocks');
  const clock = openDrillClock();
  const system = await startDrill(clock);
  for (let time = 1; time <= TIMES; time++) {
    await submitAll(system);
    const job = await trainingJob(system);
    await wait(random.next() * 1000);
    const before = Date.parse((await system.client.jobs.get(job.id)).updatedAt);
    clock.set(-time * HOUR_SECONDS);
    // What was hidden, leased or delayed until a time that lies ahead now goes on in another process.
    if (job.attempt < MAX_ATTEMPTS && random.next() < 0.5) killWorker(job);
    if (random.next() < 0.5) await system.restart();
    await submitAll(system);
    const isBefore = (known: AnyJob) => !hasEnded(known) && Date.parse(known.updatedAt) >= before;
    while (isBefore(await system.client.jobs.get(job.id))) await wait(100);
  }
  const jobs = await checkEnds(system);
  expect(jobs.length).toBeGreaterThanOrEqual(3);
});
