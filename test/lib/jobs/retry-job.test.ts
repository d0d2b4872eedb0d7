import { expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import { fixLineage } from '../../../lib/datasets/versions/fixed-lineage.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { retryJob } from '../../../lib/jobs/retry-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { putDataset, range } from '../../support/datasets/put-dataset.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const estimate: JobEstimate = {
  target: 'gpu',
  instance: 'g6.xlarge',
  seconds: 4000,
  machines: 4,
  parts: [],
  reason: 'many images',
};

test('a retry is estimated again: the failed job may have computed the features for which it started machines', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world, { estimate });
  await cancelJob(id, recordingCompute(), world);
  const { machines: _, ...alone } = { ...estimate, seconds: 400 };
  const retried = await retryJob(id, world, undefined, async (wanted) => {
    expect(wanted).toEqual(spec);
    return { estimate: alone };
  });
  expect(retried).toMatchObject({ state: 'SUBMITTED', retryOf: id, spec });
  expect(retried).toHaveProperty('estimate', alone);
});

test('a retry has the spec of its new estimate, which says what one of an earlier version left open', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world, { estimate });
  await cancelJob(id, recordingCompute(), world);
  const squeezes = { ...spec, backbone: { ...spec.backbone, cropToAspectRatio: false } };
  const retried = await retryJob(id, world, undefined, async () => ({ spec: squeezes, estimate }));
  expect(retried.spec).toEqual(squeezes);
});

test('a retry splits by the ancestors that its job has fixed, and that of an earlier version by the present ones', async () => {
  const { world, fixed } = await imported([10, 25]);
  const present = `sha256-${'2'.repeat(64)}`;
  const planned = { estimate, datasetLineage: present };
  for (const [datasetLineage, expected] of [
    [fixed, fixed],
    [undefined, present],
  ]) {
    const { id } = await submitJob(spec, world, { estimate, datasetLineage });
    await cancelJob(id, recordingCompute(), world);
    expect(await retryJob(id, world, undefined, async () => planned)).toHaveProperty('datasetLineage', expected);
  }
  const { id } = await submitJob(spec, world, { datasetLineage: fixed });
  await cancelJob(id, recordingCompute(), world);
  expect(await retryJob(id, world)).toHaveProperty('datasetLineage', fixed);
});

test.each([
  { of: 'with an estimate', planned: { estimate } },
  { of: 'without an estimate', planned: {} },
])('a retry $of is refused if the ancestors by which its job was split were deleted', async ({ planned }) => {
  const { world, fixed } = await imported([10, 25]);
  const { id } = await submitJob(spec, world, { ...planned, datasetLineage: fixed });
  await cancelJob(id, recordingCompute(), world);
  const next = newId('job', world.clock.now());
  const retry = (newJobId?: () => string) => retryJob(id, world, newJobId, async () => ({ estimate }));
  const made = await retry(() => next);
  await deleteDataset('trash', world);
  await putDataset('trash', range(0, 25), world);
  await expect(retry()).rejects.toMatchObject({ code: 'SPLIT_UNAVAILABLE', at: 'trash', received: 'no earlier version' });
  // A repeated request still gets its job.
  expect(await retry(() => next)).toEqual(made);
});

/** A world whose data set has a version of each number of images, and the digest of the lineage of the latest. */
async function imported(sizes: readonly number[]) {
  const world = testWorld();
  for (const size of sizes) await putDataset('trash', range(0, size), world);
  return { world, fixed: await fixLineage('trash', world.store) };
}

test('a retry whose data set was deleted says so', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world, { estimate });
  await cancelJob(id, recordingCompute(), world);
  await expect(retryJob(id, world)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
});

test('a repeated request finds the job that it made before anything is estimated', async () => {
  const world = testWorld();
  const { id } = await submitJob(spec, world, { estimate });
  await cancelJob(id, recordingCompute(), world);
  const next = newId('job', world.clock.now());
  const retried = await retryJob(
    id,
    world,
    () => next,
    async () => ({ estimate }),
  );
  expect(retried.id).toBe(next);
  // Its data set does not exist: an estimate would fail.
  expect(await retryJob(id, world, () => next)).toEqual(retried);
});
