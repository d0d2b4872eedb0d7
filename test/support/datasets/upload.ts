import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { UploadFile } from '../../../lib/contracts/dataset.ts';
import type { CheckOptions } from '../../../lib/datasets/checks/check-files.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { type ImportedUpload, type ImportResult, importUpload } from '../../../lib/datasets/import-upload.ts';
import { listSource } from '../../../lib/datasets/sources/list-source.ts';
import { writePart } from '../../../lib/datasets/uploads/upload-parts.ts';
import { withOwnUpload } from '../../../lib/datasets/uploads/with-own-upload.ts';
import { openUnpackFolder } from '../../../lib/local/unpack-folder.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
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

export interface StoredFiles extends Pick<ImportedUpload, 'name' | 'unsent'> {
  readonly files: readonly UploadFile[];
  /** Default: 0. */
  readonly maxRefused?: number;
}

/** Imports files that are in the store, as an upload of their own. */
export function importStored(
  { name, files, unsent, maxRefused = 0 }: StoredFiles,
  world: Pick<World, 'store' | 'clock' | 'inputCache'> & Partial<Pick<World, 'log'>>,
  options?: CheckOptions,
): Promise<ImportResult> {
  return withOwnUpload(name, world, async (id) => {
    await writePart(id, 'listed', files, world.store);
    return importUpload({ id, name, maxRefused, files, unsent }, { log: () => {}, ...world }, options);
  });
}
