import { findVersion } from '../../lib/datasets/versions/dataset-store.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import type { ObjectStore } from '../../lib/ports.ts';

/** What a reference to a model means now: an alias that moves later changes nothing. @throws as resolveModel */
export async function pinModel(ref: string, store: ObjectStore): Promise<{ readonly name: string; readonly version: number }> {
  const { name, version } = await resolveModel(store, ref);
  return { name, version: version.version };
}

/** What a reference to a data set means now, as NAME@DIGEST. @throws as findVersion */
export async function pinDataset(ref: string, store: ObjectStore): Promise<string> {
  const { name, digest } = await findVersion(ref, store);
  return `${name}@${digest}`;
}
