import { once } from 'node:events';
import { expect, test } from 'vitest';
import { deadlineOf } from '../../../functions/deadline.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { withAbortGracePeriod } from '../../../lib/jobs/abort-grace-period.ts';
import { MAX_ATTEMPTS } from '../../../lib/jobs/attempt-limits.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import type { World } from '../../../lib/ports.ts';
import { lambdaContext } from '../../support/aws/lambda-events.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

test('an attempt hands its job on a minute before its function ends, more often than a job may lose its worker', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world);
  for (let call = 1; call <= MAX_ATTEMPTS + 1; call++) {
    const attempt = await dispatchJob(id, recordingCompute(), world);
    expect(attempt).toBe(call);
    await workOnJob({ job: id, attempt: call }, untilStopped, world, deadlineOf(lambdaContext(60)));
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'INVOCATION_OVER' } });
  }
  expect(await world.queues.trainings.size()).toBe(MAX_ATTEMPTS + 2);
});

test('a worker that is asked to stop hands its job on, more often than a job may lose its worker', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS + 1; attempt++) {
    await dispatchJob(id, recordingCompute(), world);
    const asked = new AbortController();
    asked.abort(new Error('asked to stop by SIGTERM'));
    await workOnJob({ job: id, attempt }, untilStopped, world, asked.signal);
    expect(await readJob(id, world.store)).toMatchObject({
      state: 'SUBMITTED',
      error: { code: 'WORKER_STOPPED', received: 'asked to stop by SIGTERM' },
    });
  }
});

test('work that does not end when it is asked to is left to itself', async () => {
  const asked = new AbortController();
  const work = withAbortGracePeriod(new Promise<never>(() => {}), asked.signal, 1);
  asked.abort(new Error('asked to stop by SIGTERM'));
  await expect(work).rejects.toThrow('asked to stop by SIGTERM');
  await expect(withAbortGracePeriod(Promise.resolve('done'), asked.signal, 1)).resolves.toBe('done');
});

test('an attempt that keeps results may be lost more often than one that does not', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world);
  const compute = recordingCompute();
  const lose = async (work: (attempt: number, world: World) => Promise<unknown>): Promise<AnyJob> => {
    const attempt = (await dispatchJob(id, compute, world)) ?? expect.fail('it was not started');
    const died = new Error('the process is killed');
    const dying = async (_: unknown, { flush, report }: JobContext, given: World): Promise<never> => {
      await work(attempt, given);
      await world.clock.advance(2);
      report({ stage: 'train', done: 1, total: 9 });
      await flush();
      compute.ended.add(`${id}/${attempt}`);
      await reconcileJobs(compute, world, { staleSeconds: 3600 });
      throw died;
    };
    await workOnJob({ job: id, attempt }, dying, world, new AbortController().signal);
    return readJob(id, world.store);
  };
  const further = (attempt: number, { store }: World) => store.put(`checkpoints/${id}/head-${attempt}`, Buffer.from('x'));
  for (let attempt = 1; attempt <= MAX_ATTEMPTS + 2; attempt++) expect((await lose(further)).state).toBe('SUBMITTED');
  // The choice of an engine is no result.
  const chooses = (_: number, { store }: World) => store.put(`checkpoints/${id}/engine.json`, Buffer.from('{}'));
  for (let loss = 1; loss < MAX_ATTEMPTS; loss++) expect((await lose(chooses)).state).toBe('SUBMITTED');
  expect(await lose(chooses)).toMatchObject({ state: 'FAILED', error: { code: 'ATTEMPTS_EXHAUSTED' } });
});

/** Work as fit() does it: it ends with an error of its own when it is to stop. */
async function untilStopped(_: unknown, { signal }: JobContext): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw new RuntimeError('TRAINING_INTERRUPTED', { cause: signal.reason, retryable: true });
}
