import { GraftError } from '../../errors.ts';

/** More labels are not set while one version is made, unless something is wrong. */
const MOST_TRIES = 20;

/**
 * Makes a version from the latest one, and starts over if another version becomes the latest meanwhile.
 * @param make reads the latest version; it throws ConflictError DATASET_VERSION_CHANGED if that is no longer the latest
 * @throws that error after twenty tries, and any other one at once
 */
export async function onLatest<Result>(make: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await make();
    } catch (error) {
      const isLate = error instanceof GraftError && error.code === 'DATASET_VERSION_CHANGED';
      if (!isLate || tries === MOST_TRIES) throw error;
    }
  }
}
