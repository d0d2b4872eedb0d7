import { GraftError } from '../../errors.ts';

/** More labels are not set while one version is made, unless something is wrong. */
const MOST_TRIES = 20;

/** Another version is the latest by now, or the one that was is deleted, and the collector has removed its documents. */
const LATE = ['DATASET_VERSION_CHANGED', 'DATASET_VERSION_NOT_FOUND', 'MANIFEST_MISSING', 'REPORT_MISSING'];

/**
 * Makes a version from the latest one, and starts over if another version becomes the latest meanwhile, or the latest one
 * is deleted.
 * @param make reads the latest version; it throws ConflictError DATASET_VERSION_CHANGED if that is no longer the latest
 * @throws the error of a version that changed or is gone after twenty tries, and any other error at once
 */
export async function onLatest<Result>(make: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await make();
    } catch (error) {
      const isLate = error instanceof GraftError && LATE.includes(error.code);
      if (!isLate || tries === MOST_TRIES) throw error;
    }
  }
}
