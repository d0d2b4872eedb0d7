/**
 * The list of an upload's contents, in the order of their SHA-256: 32 bytes of that and 8 of the size, so that a function
 * reads only its part.
 */
import type { ObjectStore } from '../../ports.ts';
import type { Content, FileTable } from '../tables/file-table.ts';

/** What is checked of a content. */
export type ListedContent = Pick<Content, 'sha256' | 'size'>;

const HASH_BYTES = 32;
const ENTRY_BYTES = HASH_BYTES + 8;

/** Lists all contents of an upload. @returns 40 bytes for each */
export function listContents(files: FileTable): Uint8Array {
  const list = Buffer.alloc(files.length * ENTRY_BYTES);
  let end = 0;
  for (const { sha256, size } of files.contents()) {
    list.write(sha256, end, 'hex');
    list.writeBigUInt64BE(BigInt(size), end + HASH_BYTES);
    end += ENTRY_BYTES;
  }
  return list.subarray(0, end);
}

/** The number of contents in a list. */
export function countContents(list: Uint8Array): number {
  return list.length / ENTRY_BYTES;
}

/** Reads the contents [from, to) of a stored list. */
export async function readContents(key: string, from: number, to: number, store: ObjectStore): Promise<ListedContent[]> {
  const bytes = Buffer.from(await store.getRange(key, from * ENTRY_BYTES, to * ENTRY_BYTES));
  return Array.from({ length: to - from }, (_, content) => {
    const start = content * ENTRY_BYTES;
    const sha256 = bytes.toString('hex', start, start + HASH_BYTES);
    return { sha256, size: Number(bytes.readBigUInt64BE(start + HASH_BYTES)) };
  });
}
