import { findVersion } from '../../lib/datasets/versions/dataset-store.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import type { ObjectStore } from '../../lib/ports.ts';

/** Resolves a reference to a model now, so that a later change of an alias has no effect. @throws as resolveModel */
export async function pinModel(ref: string, store: ObjectStore): Promise<{ readonly name: string; readonly version: number }> {
  const { name, version } = await resolveModel(ref, store);
  return { name, version: version.version };
}

/** Resolves a reference to a data set now, as NAME@DIGEST. @throws as findVersion */
export async function pinDataset(ref: string, store: ObjectStore): Promise<string> {
  const { name, digest } = await findVersion(ref, store);
  return `${name}@${digest}`;
}
