/** Processes that share an extraction, as the machines of an array job do, while some of them are killed. */
import { expect, test } from 'vitest';
import { SHARD_IMAGES } from '../../lib/features/feature-shard.ts';
import { scratchFolder } from '../support/graft.ts';
import { digestFeatures, runParts, startSpreadJob } from '../support/processes/spread-processes.ts';

const SHARDS = 8;
const IMAGES = SHARDS * SHARD_IMAGES - 40;

test('four processes, three of which are killed, store the same bytes as one', async () => {
  const alone = await startSpreadJob(scratchFolder(), IMAGES);
  expect(await runParts(alone, 1, [])).toMatchObject([{ cached: 0, decoded: IMAGES }]);
  const expected = await digestFeatures(alone);
  expect(Object.keys(expected)).toHaveLength(SHARDS);

  const shared = await startSpreadJob(scratchFolder(), IMAGES);
  const parts = await runParts(shared, 4, [0, 1, 2]);
  expect(await digestFeatures(shared)).toEqual(expected);
  // What a killed process has stored is not computed again.
  for (const part of parts.slice(0, 3)) expect(part).toMatchObject({ cached: SHARD_IMAGES, decoded: SHARD_IMAGES });
  expect(parts[3]).toMatchObject({ cached: 0, decoded: 2 * SHARD_IMAGES - 40 });
});
