import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { UploadFile } from '../../../lib/contracts/dataset.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { listSource } from '../../../lib/datasets/sources/list-source.ts';
import { openUnpackFolder } from '../../../lib/local/unpack-folder.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { listed } from './listing.ts';

/** Puts files into the store as an upload does, and gives their listing. */
export async function uploadBytes(store: ObjectStore, files: Readonly<Record<string, Uint8Array>>): Promise<UploadFile[]> {
  return Promise.all(
    Object.entries(files).map(async ([path, bytes]) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await store.put(blobKey(sha256), bytes);
      return { path, size: bytes.length, sha256 };
    }),
  );
}

/** Puts all files of a folder, archive or manifest into the store as an upload does, and gives their listing. */
export async function uploadSource(store: ObjectStore, path: string): Promise<UploadFile[]> {
  const source = await listSource(path, openUnpackFolder);
  const { files } = await listed(source.entries);
  for (const { sha256, absolutePath } of files) await store.put(blobKey(sha256), await readFile(absolutePath));
  await source.close();
  return files.map(({ path: name, size, sha256 }) => ({ path: name, size, sha256 }));
}
