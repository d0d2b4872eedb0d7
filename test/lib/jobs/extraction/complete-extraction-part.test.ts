import { expect, test } from 'vitest';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../../lib/jobs/dispatch-job.ts';
import { continueWithTraining } from '../../../../lib/jobs/extraction/complete-extraction-part.ts';
import { readJob } from '../../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../../lib/jobs/submit-job.ts';
import { contendedStore } from '../../../support/contended-store.ts';
import { recordingCompute, testWorld } from '../../../support/world.ts';

test('of two parts that complete an extraction at the same time, one sends the job to its training', async () => {
  const world = testWorld();
  const { trainings } = world.queues;
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  await dispatchJob(id, recordingCompute(), world);
  const sent = await trainings.size();
  const own = { job: id, attempt: 1 };
  const store = contendedStore(world.store, () => continueWithTraining(own, world));
  await continueWithTraining(own, { ...world, store });
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  expect(await trainings.size()).toBe(sent + 1);
});
