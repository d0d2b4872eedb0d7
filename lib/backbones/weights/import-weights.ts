import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ObjectStore } from '../../ports.ts';
import { readWeights } from './read-weights.ts';
import type { OfficialWeights, StoredWeights } from './stored-weights.ts';
import { hashLike, storeImportedWeights, storeOfficialWeights } from './stored-weights.ts';
import type { WeightFile } from './weight-file.ts';

export interface ImportTarget {
  /** Of the backbone of this width (variantName). */
  readonly name: string;
  /** The backbone's official files: one of them, fetched by other means, becomes what a pull would have brought. */
  readonly files: readonly OfficialWeights[];
  /** Throws where the weights do not fit the backbone: `assignWeights` to a model of it. */
  readonly check: (weights: WeightFile) => void;
}

/** A user's own file, with its name. */
export interface OwnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Takes a user's own weight file into the store, once it reads and fits the backbone.
 * @param file a path, or a name and all bytes
 * @throws NotFoundError WEIGHTS_NOT_FOUND; DataError as readWeights and assignWeights; CapacityError STORE_FULL
 */
export async function importWeights(file: string | OwnFile, backbone: ImportTarget, store: ObjectStore): Promise<StoredWeights> {
  const source = typeof file === 'string' ? file : file.bytes;
  backbone.check(await readWeights(source));
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  const name = basename(typeof file === 'string' ? file : file.name);
  const official = backbone.files.find((candidate) => isSame(candidate, name, bytes));
  if (official) await storeOfficialWeights(bytes, official, store);
  return storeImportedWeights(bytes, { name, backbone: backbone.name }, store);
}

/** By the publisher's hash; where there is none, by name. */
function isSame({ hash, name }: OfficialWeights, ownName: string, bytes: Uint8Array): boolean {
  return hash === undefined ? name === ownName : hashLike(hash, bytes) === hash;
}
