/** What the machines of an array job do before a training, each by its own entry, on a model that trains in seconds. */
import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import { trackEvent } from '../../../functions/track/track-event.ts';
import { extractJobPart } from '../../../functions/train/extract-job-part.ts';
import { runJob } from '../../../functions/train/run-job.ts';
import { CapacityError, DataError } from '../../../lib/errors.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { workOnPart } from '../../../lib/jobs/work-on-part.ts';
import { KIND_TOLERANCE, processorKind } from '../../../lib/onnx/processor-kind.ts';
import { randomStream } from '../../../lib/random.ts';
import { apiSystem, ask } from '../../support/api.ts';
import { batchEvent } from '../../support/aws/lambda-events.ts';
import { importStored, uploadBytes, uploadSource } from '../../support/datasets/upload.ts';
import { trashPhotographs } from '../../support/graft.ts';

const never = new AbortController().signal;
const spec = {
  name: 'tiny',
  dataset: 'trash',
  strategy: 'feature-extraction',
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
  training: { epochs: 1, earlyStopping: null, refit: false },
};

/** A job whose first attempt was started, and nothing of it done. */
async function startedJob() {
  const system = apiSystem();
  const { world, api, compute } = system;
  await importStored({ name: 'trash', files: await uploadSource(world.store, trashPhotographs) }, world);
  const { json } = await ask(api, 'POST /v1/jobs', spec);
  expect(await dispatchJob(json.id, compute, world)).toBe(1);
  return { ...system, id: String(json.id) };
}

test(
  'the machines extract all that the training wants; it decodes nothing, and its numbers are those of one ' + 'machine',
  async () => {
    const { world, api, id } = await startedJob();
    for (const index of ['1', '0']) await extractJobPart([id, '1', '2'], { AWS_BATCH_JOB_ARRAY_INDEX: index }, world, never);
    const spread = await workOnJob({ job: id, attempt: 1 }, runJob, world, never);
    expect(spread, JSON.stringify(spread?.error)).toMatchObject({
      state: 'SUCCEEDED',
      result: { features: { cached: 60, decoded: 0 } },
    });

    const { json: version } = await ask(api, 'GET /v1/models/tiny/versions/1');
    expect(version.card.features, 'the card names the processor').toEqual({
      processors: [processorKind()],
      tolerance: KIND_TOLERANCE,
    });
    expect(world.events).not.toContain('features.mixed');

    const other = await startedJob();
    const alone = await workOnJob({ job: other.id, attempt: 1 }, runJob, other.world, never);
    expect(alone).toMatchObject({ result: { features: { cached: 0, decoded: 60 } } });
    const shards = async ({ store }: typeof world) =>
      (await store.list('features/')).objects.map(({ key, size }) => ({ key, size }));
    expect(await shards(world)).toEqual(await shards(other.world));
    expect(spread?.result).toHaveProperty(
      'metrics',
      alone?.result && 'metrics' in alone.result ? alone.result.metrics : undefined,
    );
  },
);

test('the machines extract the patches that the training of a one-class model wants', async () => {
  const { world, api, compute } = apiSystem();
  const files = await uploadBytes(world.store, await parts(30));
  await importStored({ name: 'parts', files }, world);
  const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' };
  const { json } = await ask(api, 'POST /v1/jobs', { name: 'parts', dataset: 'parts', backbone });
  const id = String(json.id);
  await dispatchJob(json.id, compute, world);
  for (const index of ['0', '1']) await extractJobPart([id, '1', '2', index], {}, world, never);
  const spread = await workOnJob({ job: id, attempt: 1 }, runJob, world, never);
  expect(spread, JSON.stringify(spread?.error)).toMatchObject({
    state: 'SUCCEEDED',
    result: { features: { cached: 30, decoded: 0 } },
  });
});

/** Images of one class, each of another colour and pattern. */
async function parts(count: number): Promise<Record<string, Uint8Array>> {
  const random = randomStream(1, 'parts');
  const raw = { width: 32, height: 32, channels: 3 } as const;
  const images = Array.from({ length: count }, async (_, image): Promise<[string, Uint8Array]> => {
    const pixels = Uint8Array.from({ length: 3072 }, () => random.integer(256));
    return [`good/${image}.png`, await sharp(pixels, { raw }).png().toBuffer()];
  });
  return Object.fromEntries(await Promise.all(images));
}

test('an attempt one of whose machines has stored features does not count as lost', async () => {
  const { world, compute, id } = await startedJob();
  const partFailed = (attempt: number) =>
    trackEvent(batchEvent(`${id}-${attempt}`, 'FAILED', { dependsOn: [{ jobId: 'array' }] }), compute, world);
  // All images are in one shard, which is in the second part.
  for (const index of ['0', '1']) await extractJobPart([id, '1', '2', index], {}, world, never);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'STARTING', kept: 1 });
  await partFailed(1);
  const job = await readJob(id, world.store);
  expect(job).toMatchObject({ state: 'SUBMITTED', error: { code: 'WORKER_LOST' } });
  expect(job.losses).toBeUndefined();

  expect(await dispatchJob(id, compute, world)).toBe(2);
  for (const index of ['0', '1']) await extractJobPart([id, '2', '2', index], {}, world, never);
  await partFailed(2);
  expect(await readJob(id, world.store), 'nothing new').toMatchObject({ state: 'SUBMITTED', losses: 1 });
});

test('a failure that no retry can fix fails the job once, with its reason; what comes after it changes nothing', async () => {
  const { world, id } = await startedJob();
  const broken = () => Promise.reject(new DataError('IMAGE_MISSING', { at: 'blobs/1' }));
  await Promise.all([
    workOnPart({ job: id, attempt: 1 }, broken, world, never),
    workOnPart({ job: id, attempt: 1 }, broken, world, never),
  ]);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'FAILED', error: { code: 'IMAGE_MISSING' } });
  const work = vi.fn(async () => {});
  await workOnPart({ job: id, attempt: 1 }, work, world, never);
  expect(work, 'a part of a job that has ended is not begun').not.toHaveBeenCalled();
  expect(await workOnJob({ job: id, attempt: 1 }, runJob, world, never)).toBeUndefined();
});

test('a retryable failure is reported to the compute, and the job waits for its next attempt', async () => {
  const { world, id } = await startedJob();
  const busy = () => Promise.reject(new CapacityError('REQUESTS_THROTTLED', { retryable: true }));
  await expect(workOnPart({ job: id, attempt: 1 }, busy, world, never)).rejects.toMatchObject({ code: 'REQUESTS_THROTTLED' });
  expect((await readJob(id, world.store)).state).toBe('STARTING');
});

test('a part of a job that was cancelled, or of an attempt that was replaced, does nothing', async () => {
  const { world, api, id } = await startedJob();
  await extractJobPart([id, '2', '1', '0'], {}, world, never);
  await ask(api, `POST /v1/jobs/${id}/cancel`, {});
  await extractJobPart([id, '1', '1', '0'], {}, world, never);
  expect((await world.store.list('features/')).objects).toEqual([]);
  expect(world.events.filter((event) => event === 'part.unwanted')).toHaveLength(2);
});

test.each([
  [['no job', '1', '1', '0']],
  [['job-zzk2m4q1x-8w3f0c9d1a', '0', '1', '0']],
  [['job-zzk2m4q1x-8w3f0c9d1a', '1', '2', '2']],
  [['job-zzk2m4q1x-8w3f0c9d1a', '1', 'x', '0']],
])('refuses %j, which is no part', async (args) => {
  const { world } = apiSystem();
  await expect(extractJobPart(args, {}, world, never)).rejects.toMatchObject({ code: 'PART_INVALID' });
});
