import { withExternalImages } from '../../lib/datasets/external/external-store.ts';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { UsageError } from '../../lib/errors.ts';
import { extractPart } from '../../lib/features/extraction-part.ts';
import { openStoredTrunk } from '../../lib/features/trunk.ts';
import type { World } from '../../lib/ports.ts';

/**
 * Extracts the features of one part of a data set: `TRUNK DATASET COUNT [INDEX]`. In an array job of AWS Batch, INDEX
 * defaults to the index of the child.
 * @throws UsageError PART_INVALID; as `openStoredTrunk`, `openDataset` and `extractFeatures`
 */
export async function runExtraction(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  world: Pick<World, 'store' | 'buckets' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const [key = '', ref = '', count = '', index = environment.AWS_BATCH_JOB_ARRAY_INDEX ?? '0'] = args;
  const part = { index: Number(index), count: Number(count) };
  if (!(Number.isInteger(part.index) && Number.isInteger(part.count) && part.index >= 0 && part.index < part.count)) {
    throw new UsageError('PART_INVALID', {
      expected: 'a count, and an index from 0 to count - 1',
      received: `${count}, ${index}`,
    });
  }
  const { store, log } = await withExternalImages(ref, world);
  const [trunk, dataset] = [await openStoredTrunk(key, store), await openDataset(ref, store)];
  const work = await extractPart(trunk, dataset, part, { store, signal, onProgress: () => {} });
  log('features.part', { trunk: key, dataset: ref, ...part, ...work });
}
