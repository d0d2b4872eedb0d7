import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ObjectStore } from '../../ports.ts';
import { readWeights } from './read-weights.ts';
import type { OfficialWeights, StoredWeights } from './stored-weights.ts';
import { hashLike, storeImportedWeights, storeOfficialWeights } from './stored-weights.ts';
import type { WeightFile } from './weight-file.ts';

/** The backbone that weights are imported for. */
export interface ImportTarget {
  /** Name of the backbone of this width (backboneVariantName). */
  readonly name: string;
  /** The backbone's official files. If the imported file is one of them, it is stored like a downloaded one. */
  readonly files: readonly OfficialWeights[];
  /** Throws if the weights do not fit the backbone. Calls `assignWeights` on a model of it. */
  readonly check: (weights: WeightFile) => void;
}

/** A user's own file, with its name. */
export interface OwnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Imports a user's own weight file into the store, after checking that it is readable and fits the backbone.
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

/** Tells whether a file is the official one, by the publisher's hash or, if there is none, by name. */
function isSame({ hash, name }: OfficialWeights, ownName: string, bytes: Uint8Array): boolean {
  return hash === undefined ? name === ownName : hashLike(hash, bytes) === hash;
}
