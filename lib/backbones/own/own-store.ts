import { createHash } from 'node:crypto';
import type { OwnModel } from '../../contracts/own-model.ts';
import { DataError, NotFoundError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { storeKeys } from '../../store/store-keys.ts';

/** Stores a model under its hash. Storing the same bytes again has no effect. @returns the SHA-256 in hexadecimal */
export async function storeOwnModel(bytes: Uint8Array, store: ObjectStore): Promise<string> {
  const sha256 = hashOf(bytes);
  await store.put(keyOf(sha256), bytes);
  return sha256;
}

/**
 * Copies the graph of a published version to where imported models are, so that a job does not depend on the version.
 * The copy is not read: `readOwnModel` verifies it.
 * @param prefix of the version's package
 * @throws NotFoundError MODEL_PACKAGE_MISSING
 */
export async function copyVersionGraph({ sha256, version }: OwnModel, prefix: string, store: ObjectStore): Promise<void> {
  if ((await store.head(keyOf(sha256))) !== undefined) return;
  const graph = `${prefix}model.onnx`;
  if ((await store.head(graph)) !== undefined) return store.copy(graph, keyOf(sha256));
  throw new NotFoundError('MODEL_PACKAGE_MISSING', {
    at: graph,
    expected: `the graph of ${version?.ref}, which is the backbone`,
    received: 'nothing: the version was deleted',
    fix: 'name another version, or a backbone of the catalogue',
  });
}

/**
 * Finds the size of a stored model.
 * @returns bytes
 * @throws NotFoundError OWN_MODEL_NOT_FOUND
 */
export async function sizeOfOwnModel({ sha256 }: OwnModel, store: ObjectStore): Promise<number> {
  const found = await store.head(keyOf(sha256));
  if (found === undefined) throw notFound(sha256);
  return found.size;
}

/**
 * Reads a stored model, and verifies its hash.
 * @throws NotFoundError OWN_MODEL_NOT_FOUND; DataError OWN_MODEL_DAMAGED if the bytes differ from those imported or
 * published
 */
export async function readOwnModel({ sha256, version }: OwnModel, store: ObjectStore): Promise<Uint8Array> {
  const object = await store.get(keyOf(sha256));
  if (object === undefined) throw notFound(sha256);
  const received = hashOf(object.body);
  if (received === sha256) return object.body;
  // Delete it, so that it counts as missing until it is imported or copied again.
  await store.delete(keyOf(sha256));
  const fix =
    version === undefined
      ? 'import the model again'
      : `graft verify ${version.ref} checks the version: submit the job again, or use another version`;
  throw new DataError('OWN_MODEL_DAMAGED', { at: keyOf(sha256), expected: sha256, received, fix });
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
