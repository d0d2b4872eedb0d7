/** Predictions that models keep on request: they need no marks, because nothing refers to them. */
import { StoredKeeping } from '../contracts/keeping.ts';
import { ModelRecord } from '../contracts/model-record.ts';
import type { ObjectHead, World } from '../ports.ts';
import { listedKind, readDocument } from '../store/documents.ts';
import { firstDay, type KeptKey, parseKeptKey } from '../store/kept-keys.ts';
import { storeKeys } from '../store/store-keys.ts';

const registry = listedKind(storeKeys.registry.prefix, ModelRecord);

type IsExpired = (kept: KeptKey) => boolean;

/**
 * Returns a test for kept predictions and images that are over: their days have passed, their version was deleted, the
 * model keeps none any more, or it was turned off since they were kept.
 */
export function expiredPredictions({
  store,
  clock,
  log,
}: Pick<World, 'store' | 'clock' | 'log'>): (kept: ObjectHead) => Promise<boolean> {
  // Read again for each version and period: keeping may begin, and a version be published, while the collector runs.
  const rules = new Map<string, Promise<IsExpired>>();

  async function ruleOf(model: string): Promise<IsExpired> {
    const record = await readDocument(store, registry, model);
    if (record?.keeping === undefined) return () => true;
    const { data, error } = StoredKeeping.safeParse(record.keeping);
    if (data === undefined) {
      // A newer version of Graft wrote it, and knows what to remove.
      log('collection.unreadable', { key: registry.key(model), error: error.message });
      return () => false;
    }
    const versions = new Set(record.versions.map(({ version }) => version));
    const first = firstDay(clock.now(), data.days);
    return ({ version, day, period }) => !versions.has(version) || day < first || period !== data.period;
  }

  return async ({ key }) => {
    const kept = parseKeptKey(key);
    if (kept === undefined) return false;
    const of = `${kept.model}/${kept.version}/${kept.period}`;
    const rule = rules.get(of) ?? ruleOf(kept.model);
    rules.set(of, rule);
    return (await rule)(kept);
  };
}
