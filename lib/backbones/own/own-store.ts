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
 * Checks that a model was imported, or that the package of its version exists.
 * @throws NotFoundError OWN_MODEL_NOT_FOUND, MODEL_PACKAGE_MISSING
 */
export async function requireOwnModel({ sha256, version }: OwnModel, store: ObjectStore): Promise<void> {
  const key = version === undefined ? keyOf(sha256) : graphOf(version);
  if ((await store.head(key)) === undefined) throw version === undefined ? notFound(sha256) : packageMissing(version);
}

/**
 * Reads an imported model, or the graph of a published version, and verifies its hash.
 * @throws NotFoundError OWN_MODEL_NOT_FOUND, MODEL_PACKAGE_MISSING; DataError OWN_MODEL_DAMAGED if the bytes differ from
 * those imported or published
 */
export async function readOwnModel({ sha256, version }: OwnModel, store: ObjectStore): Promise<Uint8Array> {
  if (version !== undefined) return readVersionGraph(sha256, version, store);
  const object = await store.get(keyOf(sha256));
  if (object === undefined) throw notFound(sha256);
  const received = hashOf(object.body);
  if (received === sha256) return object.body;
  // Delete it, so that it counts as missing until it is imported again.
  await store.delete(keyOf(sha256));
  throw new DataError('OWN_MODEL_DAMAGED', { at: keyOf(sha256), expected: sha256, received, fix: 'import the model again' });
}

type PublishedVersion = NonNullable<OwnModel['version']>;

async function readVersionGraph(sha256: string, version: PublishedVersion, store: ObjectStore): Promise<Uint8Array> {
  const object = await store.get(graphOf(version));
  if (object === undefined) throw packageMissing(version);
  const received = hashOf(object.body);
  if (received === sha256) return object.body;
  const fix = `use another version as the backbone; graft verify ${version.ref} checks all of its files`;
  throw new DataError('OWN_MODEL_DAMAGED', { at: graphOf(version), expected: sha256, received, fix });
}

function packageMissing(version: PublishedVersion): NotFoundError {
  return new NotFoundError('MODEL_PACKAGE_MISSING', {
    at: graphOf(version),
    expected: `the graph of ${version.ref}, which is the backbone`,
    received: 'nothing: the version was deleted',
    fix: 'name another version, or a backbone of the catalogue',
  });
}

function graphOf(version: PublishedVersion): string {
  return `${version.package}model.onnx`;
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
