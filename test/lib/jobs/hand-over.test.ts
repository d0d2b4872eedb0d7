import { once } from 'node:events';
import { expect, test } from 'vitest';
import { deadlineOf } from '../../../functions/lambda.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { MAX_ATTEMPTS } from '../../../lib/jobs/job-life.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type Watch, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { lambdaContext } from '../../support/lambda-events.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

test('an attempt hands its job on a minute before its function ends, more often than a job may lose its worker', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, undefined, world);
  for (let call = 1; call <= MAX_ATTEMPTS + 1; call++) {
    const attempt = await dispatchJob(id, recordingCompute(), world);
    expect(attempt).toBe(call);
    await workOnJob({ job: id, attempt: call }, untilStopped, world, deadlineOf(lambdaContext(60)));
    expect(await readJob(world.store, id)).toMatchObject({ state: 'SUBMITTED', error: { code: 'INVOCATION_OVER' } });
  }
  expect(await world.queues.trainings.size()).toBe(MAX_ATTEMPTS + 2);
});

test('an attempt that is asked to end for another reason tells that, and counts as lost', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, undefined, world);
  await dispatchJob(id, recordingCompute(), world);
  const asked = new AbortController();
  asked.abort(new Error('asked to stop by SIGTERM'));
  await workOnJob({ job: id, attempt: 1 }, untilStopped, world, asked.signal);
  expect(await readJob(world.store, id)).toMatchObject({ state: 'SUBMITTED', error: { code: 'TRAINING_INTERRUPTED' } });
});

/** Work as fit() does it: it ends with an error of its own when it is to stop. */
async function untilStopped(_: unknown, { signal }: Watch): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw new RuntimeError('TRAINING_INTERRUPTED', { cause: signal.reason, retryable: true });
}
