import { describe, expect, test } from 'vitest';
import type { InterimResult, JobProgress } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { readEvents } from '../../../lib/jobs/read-events.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { jobResult } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;

async function startedJob() {
  const world = testWorld();
  const compute = recordingCompute();
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  await dispatchJob(id, compute, world);
  return { world, compute, id };
}

describe('a value that does not fit its schema', () => {
  const progress: JobProgress = { stage: 'train', done: 1, total: 3 };
  const interim: InterimResult = { strategy: 'stage-features', images: 40 };

  test.each<[string, string, (context: JobContext) => void]>([
    ['progress', 'progress.dropped', ({ report }) => report({ ...progress, secondsLeft: Number.NaN })],
    ['interim result', 'interim.dropped', ({ reportInterim }) => reportInterim?.({ ...interim, secondsLeft: Number.NaN })],
  ])('is dropped as %s, and the lease is renewed', async (_, event, tell) => {
    const { world, id } = await startedJob();
    const leases: (string | undefined)[] = [];
    await workOnJob(
      { job: id, attempt: 1 },
      async (_job, context) => {
        leases.push((await readJob(id, world.store)).leaseUntil);
        await world.clock.advance(20);
        tell(context);
        await context.flush();
        const { leaseUntil, ...record } = await readJob(id, world.store);
        leases.push(leaseUntil);
        expect(record).not.toHaveProperty('progress');
        expect(record).not.toHaveProperty('interim');
        return jobResult;
      },
      world,
      never,
    );
    const [before, after] = leases.map((lease) => Date.parse(lease ?? ''));
    expect(after! - before!).toBe(20_000);
    expect(world.events).toContain(event);
  });

  test('is no event, and the others can be read', async () => {
    const { world, id } = await startedJob();
    await workOnJob(
      { job: id, attempt: 1 },
      async (_job, { reportInterim, report, flush }) => {
        reportInterim?.({ ...interim, accuracy: Number.NaN });
        report({ ...progress, loss: 0.5 });
        await flush();
        return jobResult;
      },
      world,
      never,
    );
    const { events } = await readEvents(await readJob(id, world.store), world.store, { limit: 100 });
    expect(events.map(({ type }) => type).filter((type) => type !== 'state')).toEqual(['stage', 'epoch']);
  });
});

test('an attempt whose events cannot be read is replaced, and the failure is logged', async () => {
  const { world, compute, id } = await startedJob();
  await world.store.put(`events/${id}/0001-000000.json`, Buffer.from('[{"type": "log", "line": null}]'));
  compute.ended.add(`${id}/1`);
  await reconcileJobs(compute, world, { staleSeconds: 3600 });
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'WORKER_LOST', log: [] } });
  expect(world.events).toContain('events.unread');
});
