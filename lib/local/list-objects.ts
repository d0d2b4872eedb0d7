import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectHead, ObjectPage } from '../ports.ts';
import { entryOf, type FolderEntry, pathOfKey } from './key-path.ts';
import { headOf } from './object-file.ts';
import { isMissing } from './store-errors.ts';

interface Wanted {
  readonly prefix: Buffer;
  readonly after: Buffer;
}

interface Found {
  readonly key: string;
  readonly path: string;
}

/**
 * Lists a page of objects below `root`, in the order of their keys' UTF-8 bytes. Reads only folders that can contain
 * results.
 */
export async function listObjects(root: string, prefix: string, after: string, limit: number): Promise<ObjectPage> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const wanted = { prefix: Buffer.from(prefix), after: Buffer.from(after) };
  const walk = walkKeys(pathOfKey(root, folder), Buffer.from(folder), wanted);
  const objects: ObjectHead[] = [];
  let next = await walk.next();
  while (!next.done && objects.length < limit) {
    const found: Found[] = [];
    for (; !next.done && objects.length + found.length < limit; next = await walk.next()) found.push(next.value);
    // Skip objects that were deleted after their folder was read, and fill the page with the next ones.
    objects.push(...(await Promise.all(found.map(readHead))).filter((head) => head !== undefined));
  }
  return { objects, more: !next.done };
}

async function* walkKeys(folder: string, base: Buffer, wanted: Wanted): AsyncGenerator<Found, undefined> {
  for (const { name, isObject, bytes } of await readFolder(folder)) {
    const path = join(folder, name);
    const text = Buffer.concat([base, bytes]);
    if (!isObject && mayHold(text, wanted)) yield* walkKeys(path, text, wanted);
    if (isObject && isWanted(text, wanted)) yield { key: text.toString(), path };
  }
  return undefined;
}

function isWanted(key: Buffer, { prefix, after }: Wanted): boolean {
  return startsWith(key, prefix) && key.compare(after) > 0;
}

/** Checks whether keys that start with `text` can match the request. */
function mayHold(text: Buffer, { prefix, after }: Wanted): boolean {
  const mayMatch = startsWith(text, prefix) || startsWith(prefix, text);
  return mayMatch && (startsWith(after, text) || text.compare(after) > 0);
}

/** Lists a folder's entries in key order. A folder's bytes are the shared prefix of its keys. */
async function readFolder(folder: string): Promise<FolderEntry[]> {
  try {
    const entries = (await readdir(folder)).map(entryOf).filter((entry) => entry !== undefined);
    return entries.sort((a, b) => a.bytes.compare(b.bytes) || Number(b.isObject) - Number(a.isObject));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readHead({ key, path }: Found): Promise<ObjectHead | undefined> {
  try {
    return headOf(key, await stat(path, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.length >= beginning.length && bytes.compare(beginning, 0, beginning.length, 0, beginning.length) === 0;
}
