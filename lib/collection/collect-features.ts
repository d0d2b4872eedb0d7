/**
 * Features and trunks are a cache: if they are removed too early, they are computed again. So their removal needs no
 * marks.
 */
import { isDamaged, readStoredHeader } from '../features/stored-shards.ts';
import { trunkKeys, trunkOf } from '../features/trunk-keys.ts';
import type { ObjectHead, ObjectStore } from '../ports.ts';
import type { References } from './references.ts';

/** Returns a test for unused shards: those whose trunk is gone, whose images no version has, or that are damaged. */
export function unusedShards(references: References, store: ObjectStore): (shard: ObjectHead) => Promise<boolean> {
  const trunks = new Map<string, boolean>();
  async function hasTrunk(trunk: string): Promise<boolean> {
    const known = trunks.get(trunk) ?? (await store.head(trunkKeys(trunk).description)) !== undefined;
    trunks.set(trunk, known);
    return known;
  }
  return async (shard) => {
    const trunk = trunkOf(shard.key);
    if (trunk === undefined) return false;
    if (!(await hasTrunk(trunk))) return true;
    try {
      return !(await readStoredHeader(shard, store)).images.some(references.needsImage);
    } catch (error) {
      if (isDamaged(error)) return true;
      throw error;
    }
  };
}

/** Returns a test for unused trunks: those without features, which the next job that needs one builds again. */
export function unusedTrunks(store: ObjectStore): (trunk: ObjectHead) => Promise<boolean> {
  return async ({ key }) => {
    const trunk = trunkOf(key);
    if (trunk === undefined) return false;
    const { objects } = await store.list(trunkKeys(trunk).features, { limit: 1 });
    return objects.length === 0;
  };
}
