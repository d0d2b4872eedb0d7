/** Predictions that models keep on request: they need no marks, because nothing refers to them. */
import { StoredKeeping } from '../contracts/keeping.ts';
import { ModelRecord } from '../contracts/model.ts';
import type { ObjectHead, World } from '../ports.ts';
import { listedKind, readDocument } from '../store/documents.ts';
import { firstDay, parseKeptKey } from '../store/kept-keys.ts';
import { storeKeys } from '../store/store-keys.ts';

const registry = listedKind(storeKeys.registry.prefix, ModelRecord);

/** What of a model's kept predictions stays. */
interface Retention {
  readonly versions: ReadonlySet<number>;
  readonly firstDay: string;
  readonly period: string;
}

/**
 * Returns a test for kept predictions and images that are over: their days have passed, their version was deleted, the
 * model keeps none any more, or it was turned off since they were kept.
 */
export function expiredPredictions({ store, clock }: Pick<World, 'store' | 'clock'>): (kept: ObjectHead) => Promise<boolean> {
  const models = new Map<string, Promise<Retention | undefined>>();

  async function read(model: string): Promise<Retention | undefined> {
    const record = await readDocument(store, registry, model);
    if (record?.keeping === undefined) return undefined;
    const { days, period } = StoredKeeping.parse(record.keeping);
    const versions = new Set(record.versions.map(({ version }) => version));
    return { versions, firstDay: firstDay(clock.now(), days), period };
  }

  return async ({ key }) => {
    const kept = parseKeptKey(key);
    if (kept === undefined) return false;
    const known = models.get(kept.model) ?? read(kept.model);
    models.set(kept.model, known);
    const stays = await known;
    if (stays === undefined) return true;
    return !stays.versions.has(kept.version) || kept.day < stays.firstDay || kept.period !== stays.period;
  };
}
