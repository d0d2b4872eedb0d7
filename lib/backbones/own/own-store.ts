import { createHash } from 'node:crypto';
import { DataError, NotFoundError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { storeKeys } from '../../store/store-keys.ts';

/** Stores a model under its hash. Storing the same bytes again has no effect. @returns the SHA-256 in hexadecimal */
export async function storeOwnModel(bytes: Uint8Array, store: ObjectStore): Promise<string> {
  const sha256 = hashOf(bytes);
  await store.put(keyOf(sha256), bytes);
  return sha256;
}

/** Checks that a model was imported. @throws NotFoundError OWN_MODEL_NOT_FOUND if it was not */
export async function requireOwnModel(sha256: string, store: ObjectStore): Promise<void> {
  if ((await store.head(keyOf(sha256))) === undefined) throw notFound(sha256);
}

/**
 * Reads an imported model and verifies its hash.
 * @throws NotFoundError OWN_MODEL_NOT_FOUND; DataError OWN_MODEL_DAMAGED if the bytes differ from those imported
 */
export async function readOwnModel(sha256: string, store: ObjectStore): Promise<Uint8Array> {
  const object = await store.get(keyOf(sha256));
  if (object === undefined) throw notFound(sha256);
  const received = hashOf(object.body);
  if (received === sha256) return object.body;
  // Delete it, so that it counts as missing until it is imported again.
  await store.delete(keyOf(sha256));
  throw new DataError('OWN_MODEL_DAMAGED', { at: keyOf(sha256), expected: sha256, received, fix: 'import the model again' });
}

function notFound(sha256: string): NotFoundError {
  return new NotFoundError('OWN_MODEL_NOT_FOUND', {
    at: 'backbone.own.sha256',
    expected: 'an imported model',
    received: sha256,
    fix: 'import it on the machine that has the store: graft train --backbone PATH',
  });
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function keyOf(sha256: string): string {
  return `${storeKeys.ownModels.prefix}${sha256}`;
}
