import type { DatasetVersion } from '../../contracts/dataset.ts';
import { GraftError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { readVersions } from './dataset-store.ts';

/** More labels are not set while one version is made, unless something is wrong. */
const MOST_TRIES = 20;

/**
 * Makes a version of a data set from the latest one, and starts over if that is no longer the latest: another version has
 * become it, or it was deleted, so that the collector may have removed what `make` reads.
 * @param make receives the latest version, undefined if there is none
 * @throws ConflictError DATASET_VERSION_CHANGED after twenty tries; any other error of `make` if the latest version stays
 */
export async function onLatest<Result>(
  name: string,
  store: ObjectStore,
  make: (latest: DatasetVersion | undefined) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const latest = await readLatest(name, store);
    try {
      return await make(latest);
    } catch (error) {
      if (!(error instanceof GraftError) || tries === MOST_TRIES) throw error;
      const isLate = error.code === 'DATASET_VERSION_CHANGED' || isOther(latest, await readLatest(name, store));
      if (!isLate) throw error;
    }
  }
}

async function readLatest(name: string, store: ObjectStore): Promise<DatasetVersion | undefined> {
  return (await readVersions(name, store)).at(-1);
}

/** Whether it is another version, also if the same one was deleted meanwhile, and then imported again. */
function isOther(before: DatasetVersion | undefined, now: DatasetVersion | undefined): boolean {
  return now?.digest !== before?.digest || now?.createdAt !== before?.createdAt;
}
