import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { UploadFile } from '../../lib/contracts/dataset.ts';
import { blobKey } from '../../lib/datasets/blob-key.ts';
import { listFolder } from '../../lib/datasets/list-folder.ts';
import type { ObjectStore } from '../../lib/ports.ts';

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

/** Puts all files of a folder into the store as an upload does, and gives their listing. */
export async function uploadFolder(store: ObjectStore, folder: string): Promise<UploadFile[]> {
  const { files } = await listFolder(folder);
  for (const { sha256, absolutePath } of files) await store.put(blobKey(sha256), await readFile(absolutePath));
  return files.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
}
