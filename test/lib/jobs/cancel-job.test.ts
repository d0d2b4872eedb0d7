import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

test('a worker that cannot be stopped keeps no job from being cancelled', async () => {
  const world = testWorld();
  const compute = { ...recordingCompute(), stop: () => Promise.reject(new Error('no answer')) };
  const { id } = await submitJob(spec, undefined, world);
  await dispatchJob(id, compute, world);
  expect(await cancelJob(id, compute, world)).toMatchObject({ state: 'CANCELLED' });
  expect(world.events).toContain('stop.failed');
});
