import { createHash } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sumOf } from '../../../../lib/arithmetic.ts';
import type { AnyJob, JobRecord } from '../../../../lib/contracts/job.ts';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import type { ExtractMessage } from '../../../../lib/contracts/queue-message.ts';
import { CapacityError, DataError } from '../../../../lib/errors.ts';
import { overheadSeconds } from '../../../../lib/estimates/extraction-functions.ts';
import { functionDollarsPerSecond } from '../../../../lib/estimates/function-price.ts';
import { attemptNeeds } from '../../../../lib/jobs/attempt-needs.ts';
import { cancelJob } from '../../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../../lib/jobs/end-attempt.ts';
import { openExtractionCompute } from '../../../../lib/jobs/extraction/extraction-compute.ts';
import { extractionOf, extractionPlanDocument } from '../../../../lib/jobs/extraction/extraction-documents.ts';
import { failDeadExtractions } from '../../../../lib/jobs/extraction/fail-dead-extractions.ts';
import { type ExtractionWork, MOST_REFUSALS, workOnExtraction } from '../../../../lib/jobs/extraction/work-on-extraction.ts';
import { changeJob, readJob } from '../../../../lib/jobs/job-store.ts';
import { extracted } from '../../../../lib/jobs/life-cycle.ts';
import { reconcileJobs } from '../../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../../lib/jobs/submit-job.ts';
import type { JobQueue } from '../../../../lib/ports.ts';
import { createDocument, readDocument } from '../../../../lib/store/documents.ts';
import { CALL_SECONDS, callsDocument, MAX_FAILURES } from '../../../../lib/store/parts/part-calls.ts';
import { estimateOf } from '../../../support/simulation/jobs/simulated-extraction.ts';
import { recordingCompute, testWorld } from '../../../support/world.ts';

const images = Array.from({ length: 5 }, (_, image) => createHash('sha256').update(`${image}`).digest('hex')).sort();

const call = { secondsLeft: () => CALL_SECONDS, log: 'the log group /aws/lambda/extract' };

/** A job whose two functions have been started, and what they do: two images a part. */
async function startedJob(work: Partial<ExtractionWork> = {}, allowedSeconds?: number) {
  const world = testWorld({ extractions: true });
  const queue = world.queues.extractions ?? expect.fail();
  const { estimate, maxCost } = estimateOf({ shards: 5, shardSeconds: 10, allowedSeconds });
  const spec = JobSpec.parse({ name: 'many', dataset: 'many', compute: maxCost === undefined ? {} : { maxCost } });
  const { id } = await submitJob(spec, world, { estimate });
  await dispatchJob(id, openExtractionCompute(world), world);
  const extractedImages: string[] = [];
  const own: ExtractionWork = {
    processor: 'linux x64 avx512',
    list: async () => ({ trunk: 'trunk', images: Buffer.from(images.join(''), 'hex'), imagesOfPart: 2 }),
    async extract(_, part) {
      extractedImages.push(...part.images);
      return { isComplete: true, hasStored: true };
    },
    ...work,
  };
  const handle = (message: ExtractMessage, processor = own.processor) =>
    workOnExtraction(message, { ...own, processor }, world, call);
  const job = () => readJob(id, world.store);
  return { world, queue, id, handle, job, extractedImages };
}

/** Takes all messages that are visible. */
async function takeAll(queue: JobQueue): Promise<ExtractMessage[]> {
  const taken: ExtractMessage[] = [];
  for (const { message, receipt } of await queue.receive({ max: 10, visibilitySeconds: 360 })) {
    if (message.type === 'extract') taken.push(message);
    await queue.acknowledge(receipt);
  }
  return taken;
}

/** Whether the job waits for its training, with all features. */
function isExtracted({ state, attempt, history }: AnyJob): boolean {
  return state === 'SUBMITTED' && attempt === 1 && history?.at(-1)?.code === 'FEATURES_EXTRACTED';
}

test('a function divides the images, others extract the parts in any order, and the last one sends the job to its training', async () => {
  const { world, queue, id, handle, job, extractedImages } = await startedJob();
  const [first, ...others] = await takeAll(queue);
  expect([first, others]).toEqual([{ type: 'extract', job: id, attempt: 1 }, []]);
  await handle(first ?? expect.fail());
  const parts = await takeAll(queue);
  expect(
    parts.map(({ part }) => part),
    'as many as there are functions',
  ).toEqual([0, 1]);
  await handle(parts[0] ?? expect.fail());
  const next = await takeAll(queue);
  expect(
    next.map(({ part }) => part),
    'a complete part is followed by the next',
  ).toEqual([2]);
  parts.push(...next);
  await handle(next[0] ?? expect.fail());
  expect(isExtracted(await job())).toBe(false);
  await handle(parts[1] ?? expect.fail());
  expect(isExtracted(await job())).toBe(true);
  expect(extractedImages.sort()).toEqual(images);

  // Copies of messages that come later change nothing.
  for (const late of [...parts, first]) await handle(late ?? expect.fail());
  expect(extractedImages).toHaveLength(5);
  expect(await queue.size()).toBe(0);
  expect(await world.queues.trainings.size(), 'that of the submission, and that of the extraction').toBe(2);
  expect(isExtracted(await job())).toBe(true);
  const compute = recordingCompute();
  await dispatchJob(id, compute, world);
  expect(compute.started).toEqual([{ job: id, attempt: 2 }]);
  await handle(parts[0] ?? expect.fail());
  expect(await job()).toMatchObject({ state: 'STARTING', attempt: 2 });
});

test('if no image lacks its features, the training follows at once', async () => {
  const { queue, handle, job } = await startedJob({
    list: async () => ({ trunk: 'trunk', images: new Uint8Array(), imagesOfPart: 2 }),
  });
  for (const message of await takeAll(queue)) await handle(message);
  expect(isExtracted(await job())).toBe(true);
});

test('a part that is not done in time goes back on the queue as a new message', async () => {
  let calls = 0;
  const { queue, handle, job } = await startedJob({
    extract: async () => ({ isComplete: ++calls > 3, hasStored: true }),
  });
  for (let round = 0; round < 5; round++) for (const message of await takeAll(queue)) await handle(message);
  expect(calls).toBe(6);
  expect(isExtracted(await job())).toBe(true);
});

test('a function with another kind of processor leaves its part to the others', async () => {
  const { world, queue, handle, job, extractedImages } = await startedJob();
  for (const message of await takeAll(queue)) await handle(message);
  for (const message of await takeAll(queue)) await handle(message, 'linux x64 avx2');
  expect(extractedImages).toEqual([]);
  expect(await takeAll(queue), 'they wait a little').toEqual([]);
  await world.clock.advance(11);
  for (let round = 0; round < 2; round++)
    for (const message of await takeAll(queue)) {
      expect(message.refusals, 'a part that follows was not refused').toBe(round === 0 ? 1 : undefined);
      await handle(message);
    }
  expect(isExtracted(await job())).toBe(true);
});

test('a part for which no function has the right kind of processor ends its attempt, and the next one uses another kind', async () => {
  const { world, queue, id, handle, job } = await startedJob();
  for (const message of await takeAll(queue)) await handle(message);
  for (let refusals = 1; refusals <= MOST_REFUSALS; refusals++) {
    expect((await job()).state).toBe('STARTING');
    for (const message of await takeAll(queue)) await handle(message, 'linux x64 avx2');
    await world.clock.advance(11);
  }
  expect(await job()).toMatchObject({ state: 'SUBMITTED', attempt: 1, error: { code: 'WORKER_LOST' } });
  await dispatchJob(id, openExtractionCompute(world), world);
  for (let round = 0; round < 3; round++) for (const message of await takeAll(queue)) await handle(message, 'linux x64 avx2');
  expect(await job()).toMatchObject({ state: 'SUBMITTED', attempt: 2, history: expect.anything() });
  expect((await job()).history?.at(-1)?.code).toBe('FEATURES_EXTRACTED');
});

test('a part that fails is tried once more, and then its attempt is lost', async () => {
  const { world, queue, handle, job } = await startedJob({
    extract: () => Promise.reject(new CapacityError('REQUESTS_THROTTLED', { at: 'blobs/', retryable: true })),
  });
  for (const message of await takeAll(queue)) await handle(message);
  const [part] = await takeAll(queue);
  await handle(part ?? expect.fail());
  expect((await job()).state).toBe('STARTING');
  expect(await takeAll(queue), 'it waits a little').toEqual([]);
  await world.clock.advance(11);
  for (const message of await takeAll(queue)) await handle(message);
  expect(await job()).toMatchObject({
    state: 'SUBMITTED',
    attempt: 1,
    losses: 1,
    error: {
      code: 'WORKER_LOST',
      message: expect.stringMatching(/part 0 of its features failed 2 times; the last time: Requests throttled at blobs\/\.$/),
    },
  });
});

test('an attempt that completed another part before does not count as lost', async () => {
  let calls = 0;
  const { world, queue, handle, job } = await startedJob({
    async extract() {
      if (++calls > 1) throw new CapacityError('REQUESTS_THROTTLED', { at: 'blobs/', retryable: true });
      return { isComplete: true, hasStored: true };
    },
  });
  for (let round = 0; round < 3; round++) {
    for (const message of await takeAll(queue)) await handle(message);
    await world.clock.advance(11);
  }
  expect(await job()).toMatchObject({ state: 'SUBMITTED', attempt: 1, kept: 1, error: { code: 'WORKER_LOST' } });
  expect((await job()).losses).toBeUndefined();
});

test('a part whose functions died twice says where to look', async () => {
  const { promise: dead } = Promise.withResolvers<never>();
  const { world, queue, handle, job } = await startedJob({ extract: () => dead });
  for (const message of await takeAll(queue)) await handle(message);
  const [part] = await takeAll(queue);
  const { calls } = extractionOf({ job: part?.job ?? '', attempt: 1 });
  for (let time = 0; time < MAX_FAILURES; time++) {
    void handle(part ?? expect.fail());
    const failures = () => world.store.get(calls(0)).then((record) => JSON.parse(new TextDecoder().decode(record?.body)));
    await expect.poll(failures).toMatchObject({ failures: time, since: world.clock.now().toISOString() });
    await world.clock.advance(CALL_SECONDS + 31);
  }
  await handle(part ?? expect.fail());
  expect((await job()).error?.message).toMatch(/failed 2 times; the last time, its function died.*\/aws\/lambda\/extract/);
});

test('a division that is repeated sends no part again that has begun', async () => {
  const { queue, handle } = await startedJob();
  const [division] = await takeAll(queue);
  await handle(division ?? expect.fail());
  const [first] = await takeAll(queue);
  await handle(first ?? expect.fail());
  expect((await takeAll(queue)).map(({ part }) => part)).toEqual([2]);
  await handle(division ?? expect.fail());
  expect(
    (await takeAll(queue)).map(({ part }) => part),
    'part 1 has not begun',
  ).toEqual([1]);
});

test('a dead letter of a complete part repeats what its function did not do', async () => {
  const { world, queue, id, handle, job } = await startedJob();
  for (const message of await takeAll(queue)) await handle(message);
  const deliveries = await queue.receive({ max: 10, visibilitySeconds: 1 });
  for (const { message, receipt } of deliveries) {
    if (message.type !== 'extract' || message.part === 0) continue;
    await handle(message);
    await queue.acknowledge(receipt);
  }
  const { calls, done } = extractionOf({ job: id, attempt: 1 });
  await createDocument(world.store, callsDocument, calls(0), { seconds: 1, failures: 0 });
  await world.store.put(done(0, 0), new Uint8Array());
  while ((await queue.size()) > 0) {
    await world.clock.advance(2);
    await queue.receive({ max: 10, visibilitySeconds: 1 });
  }
  expect(await failDeadExtractions(await queue.deadLetters(), world), 'its attempt goes on').toBe(0);
  const next = await takeAll(queue);
  expect(next.map(({ part }) => part)).toEqual([2]);
  await handle(next[0] ?? expect.fail());
  expect(isExtracted(await job())).toBe(true);
});

test('a limit of cost far above what a timer can wait for aborts nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { queue, handle, job } = await startedJob(
    {
      async extract(_, __, { signal }) {
        await vi.advanceTimersByTimeAsync(1000);
        signal.throwIfAborted();
        return { isComplete: true, hasStored: true };
      },
    },
    2 ** 31,
  );
  for (let round = 0; round < 3; round++) for (const message of await takeAll(queue)) await handle(message);
  expect(isExtracted(await job())).toBe(true);
});

test('an error that no retry can fix fails the job with its reason', async () => {
  const { queue, handle, job } = await startedJob({
    extract: () => Promise.reject(new DataError('IMAGE_MISSING', { at: 'blobs/1' })),
  });
  for (let round = 0; round < 2; round++) for (const message of await takeAll(queue)) await handle(message);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code: 'IMAGE_MISSING' } });
  expect(await queue.size(), 'no message of it is left').toBe(0);
});

test('a copy of a message waits while the other is at work, and takes over if that died', async () => {
  const { promise: dead } = Promise.withResolvers<never>();
  let begun = 0;
  const { world, queue, handle, job } = await startedJob({
    extract: () => (++begun === 1 ? dead : Promise.resolve({ isComplete: true, hasStored: true })),
  });
  for (const message of await takeAll(queue)) await handle(message);
  const [part, ...others] = await takeAll(queue);
  void handle(part ?? expect.fail());
  await expect.poll(() => begun).toBe(1);
  for (const message of [...others, part]) await handle(message ?? expect.fail());
  expect(await takeAll(queue)).toEqual([]);
  expect(isExtracted(await job())).toBe(false);
  await world.clock.advance(CALL_SECONDS + 31);
  for (let round = 0; round < 2; round++) for (const message of await takeAll(queue)) await handle(message);
  expect(isExtracted(await job())).toBe(true);
});

test('the parts of a cancelled job do nothing', async () => {
  const { world, queue, id, handle, job, extractedImages } = await startedJob();
  for (const message of await takeAll(queue)) await handle(message);
  await cancelJob(id, openExtractionCompute(world), world);
  for (const message of await takeAll(queue)) await handle(message);
  expect(extractedImages).toEqual([]);
  expect((await job()).state).toBe('CANCELLED');
});

test('a part whose job is cancelled while it is computed does not go back on the queue', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { world, queue, id, handle, job } = await startedJob({
    async extract(_, __, { signal }) {
      await cancelJob(id, openExtractionCompute(world), world);
      vi.advanceTimersByTime(30_000);
      await expect.poll(() => signal.aborted).toBe(true);
      throw signal.reason;
    },
  });
  for (const message of await takeAll(queue)) await handle(message);
  const [part] = await takeAll(queue);
  await handle(part ?? expect.fail());
  expect((await job()).state).toBe('CANCELLED');
  expect(await queue.size()).toBe(0);
});

test('a part of an attempt that has ended is not computed, also while the job waits for its next attempt', async () => {
  const { world, queue, id, handle, job, extractedImages } = await startedJob();
  for (const message of await takeAll(queue)) await handle(message);
  const [part] = await takeAll(queue);
  await endAttempt({ job: id, attempt: 1 }, 'another part failed', world);
  expect(await job()).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  await handle(part ?? expect.fail());
  expect(extractedImages, 'nobody would count what that costs').toEqual([]);
  expect(await queue.size(), 'no further part').toBe(0);
});

test('a part whose functions died each time ends the attempt', async () => {
  const { world, queue, handle, job } = await startedJob();
  for (const message of await takeAll(queue)) await handle(message);
  while ((await queue.size()) > 0) {
    await queue.receive({ max: 10, visibilitySeconds: 1 });
    await world.clock.advance(2);
  }
  expect(await failDeadExtractions(await queue.deadLetters(), world)).toBe(1);
  expect(await job()).toMatchObject({ state: 'SUBMITTED', attempt: 1, losses: 1 });
  expect(await failDeadExtractions(await queue.deadLetters(), world), 'the other letters say nothing new').toBe(0);
});

test('after two lost attempts the machine that extracts may cost all that the functions have left of the limit', async () => {
  const { world, queue, id, handle, job } = await startedJob(
    {
      async extract() {
        await world.clock.advance(50);
        throw new CapacityError('REQUESTS_THROTTLED', { at: 'blobs/', retryable: true });
      },
    },
    4000,
  );
  const compute = openExtractionCompute(world);
  for (let attempt = 1; attempt <= 2; attempt++) {
    while ((await job()).state !== 'SUBMITTED') {
      for (const message of await takeAll(queue)) await handle(message);
      await world.clock.advance(11);
    }
    if (attempt < 2) await dispatchJob(id, compute, world);
  }
  const lost = (await job()) as JobRecord;
  // In each attempt two calls of part 0 and one or two of part 1.
  expect(lost.losses).toBe(2);
  expect(lost.extractionSeconds).toBeGreaterThan(2 * 3 * 50);
  const used = (lost.extractionSeconds ?? 0) * functionDollarsPerSecond;
  const fixed = sumOf(lost.estimate?.parts ?? [], ({ part, dollars = 0 }) => (part === 'extraction' ? 0 : dollars));
  const left = (lost.spec.compute.maxCost ?? 0) - used - fixed;
  const { target, timeoutSeconds = 0 } = attemptNeeds(lost, 3, [], true);
  expect(target).toBe('gpu');
  expect(timeoutSeconds - 120).toBeCloseTo((left / (lost.estimate?.dollarsPerHour ?? 0)) * 3600);
  // Once functions have extracted all, the training has its share.
  const started = { ...lost, state: 'STARTING' as const, attempt: 3 };
  expect(extracted(started, 3, world.clock.now())).not.toHaveProperty('extractionSeconds');
});

test('the calls of a part share what its limit of cost allows', async () => {
  const { world, queue, handle, job } = await startedJob(
    {
      async extract() {
        await world.clock.advance(50);
        return { isComplete: false, hasStored: true };
      },
    },
    3 * 120,
  );
  for (let round = 0; round < 6; round++) for (const message of await takeAll(queue)) await handle(message);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code: 'MAX_COST' } });
});

test('the parts share what the division, earlier attempts and the overhead leave of the limit of cost', async () => {
  const { world, queue, id, handle } = await startedJob(
    {
      async list() {
        await world.clock.advance(30);
        return { trunk: 'trunk', images: Buffer.from(images.join(''), 'hex'), imagesOfPart: 2 };
      },
    },
    1000,
  );
  const { store, clock } = world;
  await changeJob(id, store, (current) => ({ ...current, attempt: 2 }));
  const before = extractionOf({ job: id, attempt: 1 });
  const since = new Date(clock.now().getTime() + 10_000).toISOString();
  await createDocument(store, callsDocument, before.calls(0), { seconds: 100, failures: 0 });
  await createDocument(store, callsDocument, before.calls(1), { since, seconds: 50, failures: 0 });
  for (const message of await takeAll(queue)) await handle({ ...message, attempt: 2 });
  const plan = await readDocument(store, extractionPlanDocument, extractionOf({ job: id, attempt: 2 }).plan);
  // The call of attempt 1 that is at work may go on for a minute; it began 20 seconds before the division was done.
  const used = 100 + 50 + (20 + 60) + overheadSeconds(2, 2) + 30 + overheadSeconds(1, 1);
  expect(plan?.secondsOfPart).toBeCloseTo((1000 - used - overheadSeconds(2, 3)) / 3);
});

test('the tracker sends a lost message again after ten minutes, once', async () => {
  const { world, queue, id, job } = await startedJob();
  const lost = await takeAll(queue);
  const track = () => reconcileJobs(openExtractionCompute(world), world, { staleSeconds: 600 });
  await world.clock.advance(590);
  await track();
  expect(await takeAll(queue)).toEqual([]);
  await world.clock.advance(10);
  await track();
  expect(await takeAll(queue)).toEqual(lost);
  expect(await job()).toMatchObject({ id, state: 'STARTING', attempt: 1, updatedAt: world.clock.now().toISOString() });
  await world.clock.advance(60);
  await track();
  expect(await takeAll(queue)).toEqual([]);
});
