import { readFile } from 'node:fs/promises';
import type { DatasetReport, RefusedFile, UploadFile } from '../contracts/dataset.ts';
import { blobKey } from '../datasets/blob-key.ts';
import { importUpload } from '../datasets/import-upload.ts';
import { listSource, type Source } from '../datasets/sources/list-source.ts';
import { byPath } from '../datasets/tables/by-path.ts';
import type { ObjectStore, World } from '../ports.ts';

/** Share of a source's files that may be no usable images. */
const MAX_REFUSED = 0.05;

export interface ImportSourceOptions {
  readonly name: string;
  readonly maxRefused?: number | undefined;
}

/**
 * A folder, archive or manifest as a version of a data set, without an upload: its files are put where an upload would put them.
 * @throws as listSource and importUpload
 */
export async function importSource(
  path: string,
  { name, maxRefused = MAX_REFUSED }: ImportSourceOptions,
  world: Pick<World, 'store' | 'clock' | 'log'>,
): Promise<DatasetReport> {
  const { store, clock, log } = world;
  const source = await listSource(path);
  try {
    const unsent: RefusedFile[] = [];
    const { report } = await importUpload({ store, clock, log, name, maxRefused, files: storedFiles(source, unsent, store) });
    // A manifest that names a file which could not be read misses it at the import too.
    const known = new Set(unsent.map((file) => file.path));
    return { ...report, refused: [...unsent, ...report.refused.filter((file) => !known.has(file.path))].sort(byPath) };
  } finally {
    await source.close();
  }
}

/** The files, each in the store before its turn; what cannot be read is added to `unsent`. */
async function* storedFiles({ entries }: Source, unsent: RefusedFile[], store: ObjectStore): AsyncGenerator<UploadFile> {
  for await (const entry of entries) {
    if ('code' in entry) {
      unsent.push(entry);
      continue;
    }
    const { path, size, sha256, absolutePath } = entry;
    const key = blobKey(sha256);
    if ((await store.head(key))?.size !== size) await store.put(key, await readFile(absolutePath));
    yield { path, size, sha256 };
  }
}
