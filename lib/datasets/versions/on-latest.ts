import { GraftError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { readVersions } from './dataset-store.ts';

/** More labels are not set while one version is made, unless something is wrong. */
const MOST_TRIES = 20;

/**
 * Makes a version of a data set from the latest one, and starts over if that is no longer the latest: another version has
 * become it, or it was deleted, so that the collector may have removed what `make` reads.
 * @param make reads the latest version
 * @throws ConflictError DATASET_VERSION_CHANGED after twenty tries; any other error of `make` if the latest version stays
 */
export async function onLatest<Result>(name: string, store: ObjectStore, make: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const before = await readLatest(name, store);
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof GraftError) || tries === MOST_TRIES) throw error;
      const isLate = error.code === 'DATASET_VERSION_CHANGED' || (await readLatest(name, store)) !== before;
      if (!isLate) throw error;
    }
  }
}

/** @returns another text if the version was deleted meanwhile, and then imported again */
async function readLatest(name: string, store: ObjectStore): Promise<string | undefined> {
  const latest = (await readVersions(name, store)).at(-1);
  return latest && `${latest.digest} of ${latest.createdAt}`;
}
