import type { SplitShares } from '../../contracts/job-spec.ts';
import type { ObjectStore } from '../../ports.ts';
import type { Dataset } from '../versions/dataset-store.ts';
import { readFixedLineage } from '../versions/fixed-lineage.ts';
import { assignAncestors } from './assign-ancestors.ts';
import { fillValidation } from './fill-validation.ts';
import { type Split, splitDataset } from './split-dataset.ts';

export interface SplitOptions {
  /** The digest of the version's lineage when the job was made (`fixLineage`). Default: the present ancestors. */
  readonly lineage?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Splits a version of a data set so that no image moves between sets from one version to the next: the images of its
 * ancestors are assigned first, starting with the oldest, with the same shares and seed, and keep their sets. So a
 * model of a later version is never tested on images that an earlier model trained on. Only if this version has no
 * validation images, training images become some; those of later versions do not depend on that.
 * @throws NotFoundError as `readFixedLineage`; RuntimeError as `readManifest`; the signal's reason
 */
export async function splitVersion(
  dataset: Pick<Dataset, 'name' | 'digest' | 'rows'>,
  shares: SplitShares,
  seed: number,
  store: ObjectStore,
  { lineage, signal }: SplitOptions = {},
): Promise<Split> {
  const ancestors = await readFixedLineage(`${dataset.name}@${dataset.digest}`, lineage, store);
  const earlier = await assignAncestors(ancestors, store, { shares, seed, signal });
  return fillValidation(splitDataset(dataset, shares, seed, earlier), dataset);
}
