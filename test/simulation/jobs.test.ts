/** The functions of a deployment on virtual time, while everything around them fails. */
import { expect, test } from 'vitest';
import { NO_FAULTS } from '../support/simulation/jobs/faults.ts';
import type { PlannedJob } from '../support/simulation/jobs/people.ts';
import { runJobs } from '../support/simulation/jobs/run-jobs.ts';
import { useVirtualTimers } from '../support/simulation/virtual-timers.ts';

useVirtualTimers();

test('a seed repeats its run', async () => {
  const rates = { ...NO_FAULTS, crash: 0.005, throttle: 0.01, duplicate: 0.1, delay: 0.1 };
  const day = { jobs: [plannedJob(0), plannedJob(1)], promotions: [], rates };
  await expect(runJobs(day, 7)).resolves.toEqual(await runJobs(day, 7));
});

test('a day of 1,000 jobs, whose clients and functions do not crash, ends with each of them', { timeout: 600_000 }, async () => {
  const ofRequests = { throttle: 0.001, lostAnswer: 0.001, refusedStart: 0.02, refusedWebhook: 0.05 };
  const ofMessages = { duplicate: 0.05, loss: 0.05, delay: 0.05 };
  const ofMachines = { reclaim: 0.05, skew: 0.05, jump: 0.0001 };
  const rates = { ...NO_FAULTS, ...ofRequests, ...ofMessages, ...ofMachines };
  const jobs = Array.from({ length: 1000 }, (_, index) => plannedJob(index));
  const { ends, faults } = await runJobs({ jobs, promotions: [], rates }, 1, { chaosSteps: Number.POSITIVE_INFINITY });
  expect([...ends.values()].reduce((sum, count) => sum + count, 0)).toBe(1000);
  expect(ends.get('SUCCEEDED')).toBeGreaterThan(990);
  const happened = Object.entries(rates).flatMap(([kind, rate]) => (rate > 0 ? [Reflect.get(faults, kind)] : []));
  expect(Math.min(...happened), JSON.stringify(faults)).toBeGreaterThan(10);
});

function plannedJob(index: number): PlannedJob {
  return {
    model: `model-${index % 50}`,
    target: index % 3 === 0 ? 'lambda' : 'gpu',
    steps: 1 + (index % 4),
    stepSeconds: 20,
    failure: 'none',
    afterSeconds: Math.round((index * 86_400) / 1000),
    isRetried: false,
  };
}
