/** Stops workers of the embedded system (SIGSTOP), as if they hung, and lets them go on later. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LEASE_SECONDS } from '../../lib/jobs/life-cycle.ts';
import { checkEnds, drillStream, startDrill, submitAll, trainingJob, until, workerOf } from '../support/drill/drilled-system.ts';
import { suspendProcess } from '../support/processes/suspend-process.ts';

/** GRAFT_STOPS: how many workers are stopped for longer than their lease. */
const STOPS = Number(process.env.GRAFT_STOPS ?? 1);

test(`${STOPS} workers that hang are replaced, and change nothing when they go on`, async () => {
  const random = drillStream('stopped workers');
  const system = await startDrill();
  for (let stops = 0; stops < STOPS; stops++) {
    await submitAll(system);
    const short = await trainingJob(system);
    await suspendProcess(workerOf(short), system.folder);
    await wait((random.next() * LEASE_SECONDS * 1000) / 2);
    process.kill(workerOf(short), 'SIGCONT');

    const hanging = await trainingJob(system);
    await suspendProcess(workerOf(hanging), system.folder);
    const replaced = await until(system, hanging.id, ({ attempt, state }) => attempt > hanging.attempt || state === 'SUBMITTED');
    expect(replaced.history?.filter(({ attempt }) => attempt === hanging.attempt).at(-1)?.code).toBe('WORKER_LOST');
    // It learns first that it should end: the server asks a replaced worker to, and kills it after five seconds.
    process.kill(workerOf(hanging), 'SIGCONT');
    await until(system, hanging.id, ({ attempt, state }) => attempt > hanging.attempt && state === 'RUNNING');
  }
  await checkEnds(system);
});
