import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;

test.each([
  { code: 'DOCUMENT_UNREADABLE', state: 'FAILED' },
  { code: 'MODEL_PACKAGE_MISSING', state: 'FAILED' },
  { code: 'INTERNAL', state: 'SUBMITTED' },
])('a job that has recorded its version, and fails with $code, is $state then', async ({ code, state }) => {
  const world = testWorld();
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), undefined, world);
  await dispatchJob(id, recordingCompute(), world);
  const job = await workOnJob(
    { job: id, attempt: 1 },
    async (record, { beginPublishing }) => {
      const { createdAt } = record;
      await beginPublishing({ package: 'models/trash/', createdAt, backbone: 'b', dataset: 'trash' });
      throw new RuntimeError(code, { expected: 'a package', received: 'none', fix: 'none' });
    },
    world,
    never,
  );
  expect(job).toMatchObject({ state, error: { code } });
});
