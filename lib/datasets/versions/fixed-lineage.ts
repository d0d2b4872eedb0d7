import { NotFoundError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { readLineage } from './dataset-store.ts';
import { beginningDigests, lineageDigest } from './lineage.ts';

/** The digest of a version's lineage as it is now, which a job keeps. @throws NotFoundError as `openDataset` */
export async function fixLineage(ref: string, store: ObjectStore): Promise<string> {
  return lineageDigest(await readLineage(ref, store));
}

/**
 * The digests of a version's ancestors, the oldest first, as they were when a job was made. A version has other ancestors
 * if it was deleted, with all that descend from it, and then imported again. The earlier ones are found if the lineage
 * still begins with them; so are none.
 * @param fixed the digest of the lineage; undefined in jobs of earlier versions of Graft: the present ancestors
 * @throws NotFoundError as `openDataset`, SPLIT_UNAVAILABLE
 */
export async function readFixedLineage(ref: string, fixed: string | undefined, store: ObjectStore): Promise<string[]> {
  const lineage = await readLineage(ref, store);
  if (fixed === undefined) return lineage;
  const length = beginningDigests(lineage).indexOf(fixed);
  if (length >= 0) return lineage.slice(0, length);
  throw new NotFoundError('SPLIT_UNAVAILABLE', {
    at: ref,
    expected: 'the earlier versions by which the job was split',
    received: lineage.length === 0 ? 'no earlier version' : 'others, since the version was deleted and imported again',
    fix: 'train again, with a new job: its split begins with the earlier versions that there are now',
  });
}
