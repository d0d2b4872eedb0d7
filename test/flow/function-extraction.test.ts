/** Processes that share an extraction, as Lambda functions do, while some of them are killed. */
import { expect, test } from 'vitest';
import { sumOf } from '../../lib/arithmetic.ts';
import { SHARD_IMAGES } from '../../lib/features/feature-shard.ts';
import { scratchFolder } from '../support/graft.ts';
import { readFunctions, runFunctions } from '../support/processes/function-processes.ts';
import { digestFeatures, runParts, startSpreadJob } from '../support/processes/spread-processes.ts';

const SHARDS = 8;
const IMAGES = SHARDS * SHARD_IMAGES - 40;
const PROCESSES = 4;
const KILLED = 3;

test('four processes, three of which are killed, store the same bytes as one, and send the job to its training', async () => {
  const alone = await startSpreadJob(scratchFolder(), IMAGES);
  await runParts(alone, 1, []);
  const expected = await digestFeatures(alone);
  expect(Object.keys(expected)).toHaveLength(SHARDS);

  const shared = await startSpreadJob(scratchFolder(), IMAGES, PROCESSES);
  await runFunctions(shared, { imagesOfPart: 2 * SHARD_IMAGES, processes: PROCESSES, killed: KILLED });
  expect(await digestFeatures(shared)).toEqual(expected);
  const { job, calls } = await readFunctions(shared);
  expect(job).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  expect(job.history?.at(-1)?.code).toBe('FEATURES_EXTRACTED');
  // The division and four parts; a part whose process was killed has begun once more, and not twice.
  expect(calls).toHaveLength(5);
  expect(calls.every(({ since, failures }) => since === undefined && failures <= 1)).toBe(true);
  expect(sumOf(calls, ({ failures }) => failures)).toBeGreaterThan(0);
  expect(sumOf(calls, ({ failures }) => failures)).toBeLessThanOrEqual(KILLED);
});
