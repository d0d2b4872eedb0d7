import { expect, onTestFinished, test } from 'vitest';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { DataError, errorJson, RuntimeError } from '../../lib/errors.ts';
import { changeJob } from '../../lib/jobs/job-store.ts';
import { attemptLost, cancelled, claimed, failed } from '../../lib/jobs/life-cycle.ts';
import { submitJob } from '../../lib/jobs/submit-job.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { graft, graftJson, scratchFolder } from '../support/graft.ts';

const oneImage = errorJson(new DataError('CLASS_WITH_ONE_IMAGE', { at: 'metal', fix: 'add images' }));
const lost = errorJson(new RuntimeError('WORKER_LOST', { fix: 'nothing' }));
const now = new Date();

const ends: [what: string, end: (job: AnyJob) => AnyJob, suggestsRetry: boolean][] = [
  ['failed by what will be there the next time, too', (job) => failed(claim(job), 1, oneImage, now), false],
  ['failed after three lost workers', (job) => failThrice(job), true],
  ['was cancelled', (job) => cancelled(job, now) ?? job, true],
];

test.each(ends)('of a job that %s, graft job suggests a retry only where it may help', async (_, end, suggestsRetry) => {
  const directory = scratchFolder();
  const world = openEmbeddedWorld(directory, () => {});
  onTestFinished(() => world.close());
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  await changeJob(id, world.store, end);
  const { stdout } = await graft(['job', id], { GRAFT_DATA_DIR: directory });
  expect(stdout).toContain(id);
  expect(/^Retry it:\n {2}.*graft.* retry job-/m.test(stdout)).toBe(suggestsRetry);
  const { state, error } = await graftJson(['job', id], { GRAFT_DATA_DIR: directory });
  if (state === 'FAILED') expect(error.retryable).toBe(suggestsRetry);
});

function claim(job: AnyJob): AnyJob {
  return claimed(job, now) ?? job;
}

function failThrice(job: AnyJob): AnyJob {
  return [1, 2, 3].reduce((current, attempt) => attemptLost(claim(current), attempt, lost, now), job);
}
