import { changeModel, readModel } from '../../../lib/models/registry.ts';
import { digestOf } from '../../../lib/models/served-package.ts';
import type { ObjectStore } from '../../../lib/ports.ts';

/** Changes the card of a model's latest version, and the digest of the card with it, as if it had been published so. */
export async function rewriteCard<Card extends object>(
  store: ObjectStore,
  name: string,
  change: (card: Card) => object,
): Promise<void> {
  const latest = (await readModel(name, store)).versions.at(-1);
  const key = `${latest?.package}card.json`;
  const card = JSON.parse(new TextDecoder().decode((await store.get(key))?.body));
  const bytes = new TextEncoder().encode(JSON.stringify(change(card)));
  await store.put(key, bytes);
  await changeModel(name, store, (record) => ({
    ...record,
    versions: record.versions.map((version) =>
      version.job === latest?.job ? { ...version, cardDigest: digestOf(bytes) } : version,
    ),
  }));
}
