import { createHash } from 'node:crypto';
import { RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { putIfAbsent } from '../store/conditional-put.ts';
import { createDocument, readDocument } from '../store/documents.ts';
import { type Trunk, TrunkDescription } from './trunk.ts';
import { trunkKeys } from './trunk-keys.ts';

const trunkDocument = { schema: TrunkDescription, key: (key: string) => trunkKeys(key).description };

/** Returns the key of a trunk. @param names everything that its features depend on besides the image */
export function trunkKey(names: object): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex');
}

/** Returns a trunk that was stored before. @throws RuntimeError DOCUMENT_UNREADABLE */
export async function findTrunk(key: string, store: ObjectStore): Promise<Trunk | undefined> {
  const [known, stored] = await Promise.all([readDocument(store, trunkDocument, key), store.get(onnxKey(key))]);
  return known !== undefined && stored !== undefined ? { ...known, key, onnx: stored.body } : undefined;
}

/**
 * Stores a trunk. If several processes build it at once, all get the graph that was stored first: what their machines
 * measure may differ in the last digits.
 */
export async function storeTrunk(key: string, built: Omit<Trunk, 'key'>, store: ObjectStore): Promise<Trunk> {
  const { onnx, ...description } = built;
  // The description is written last: if it exists, so does the graph.
  const first = await putFirst(onnxKey(key), onnx, store);
  await createDocument(store, trunkDocument, key, description);
  return { ...description, key, onnx: first };
}

/** Writes an object unless it exists. @returns the bytes that are stored */
async function putFirst(key: string, bytes: Uint8Array, store: ObjectStore): Promise<Uint8Array> {
  if (await putIfAbsent(store, key, bytes)) return bytes;
  const stored = await store.get(key);
  if (stored !== undefined) return stored.body;
  // It was collected since then.
  await store.put(key, bytes);
  return bytes;
}

/**
 * Reads a trunk that was opened before.
 * @throws RuntimeError TRUNK_MISSING
 */
export async function readTrunk(key: string, store: ObjectStore): Promise<Trunk> {
  const known = await findTrunk(key, store);
  if (known !== undefined) return known;
  throw new RuntimeError('TRUNK_MISSING', {
    at: trunkKeys(key).onnx,
    expected: 'the trunk that was built before its images were divided into parts',
    received: 'nothing',
    fix: 'nothing: another attempt builds it again',
    retryable: true,
  });
}

function onnxKey(key: string): string {
  return trunkKeys(key).onnx;
}
