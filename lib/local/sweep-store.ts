import type { Clock, ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { retentionRules } from '../store/retention.ts';

const DAY_MS = 86_400_000;

/**
 * Deletes expired objects, as S3's lifecycle rules do in AWS.
 * @returns the number of deleted objects
 */
export async function sweepStore(store: ObjectStore, clock: Clock): Promise<number> {
  let swept = 0;
  for (const { prefix, days } of retentionRules()) {
    const oldest = clock.now().getTime() - days * DAY_MS;
    for await (const { key, modifiedAt } of listKeys(store, prefix)) {
      if (modifiedAt.getTime() >= oldest) continue;
      await store.delete(key);
      swept++;
    }
  }
  return swept;
}
