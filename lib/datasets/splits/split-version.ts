import { SplitPart } from '../../contracts/dataset.ts';
import type { SplitShares } from '../../contracts/job-spec.ts';
import type { ObjectStore } from '../../ports.ts';
import { type Dataset, readLineage } from '../versions/dataset-store.ts';
import { readManifest } from '../versions/manifest.ts';
import { partsByContent } from './parts-by-content.ts';
import { type Split, splitDataset } from './split-dataset.ts';

/**
 * Splits a version of a data set so that no image changes sides from one version to the next: its ancestors are assigned first, with
 * the same shares and seed, from the oldest on, and an image that was assigned once keeps its part for good. So a model trained on a
 * later version is never tested with what an earlier one has learnt from.
 * @throws NotFoundError as `openDataset`; RuntimeError as `readManifest`
 */
export async function splitVersion(
  dataset: Pick<Dataset, 'name' | 'digest' | 'rows'>,
  shares: SplitShares,
  seed: number,
  store: ObjectStore,
): Promise<Split> {
  const earlier = partsByContent();
  for (const digest of await readLineage(`${dataset.name}@${dataset.digest}`, store)) {
    const rows = await readManifest(digest, store);
    const split = splitDataset({ digest, rows }, shares, seed, earlier);
    for (const part of SplitPart.options) {
      for (const number of split[part]) {
        const row = rows.at(number);
        if (row !== undefined) earlier.set(row.sha256, part);
      }
    }
  }
  return splitDataset(dataset, shares, seed, earlier);
}
