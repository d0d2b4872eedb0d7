import type { RefusedFile } from '../../lib/contracts/dataset.ts';
import { byPath } from '../../lib/datasets/by-path.ts';
import type { SourceFile } from '../../lib/datasets/hash-file.ts';
import { listSource } from '../../lib/datasets/list-source.ts';

/** All that a source has, by path. */
export async function listed(
  entries: AsyncIterable<SourceFile | RefusedFile>,
): Promise<{ files: SourceFile[]; refused: RefusedFile[] }> {
  const files: SourceFile[] = [];
  const refused: RefusedFile[] = [];
  for await (const entry of entries) {
    if ('code' in entry) refused.push(entry);
    else files.push(entry);
  }
  return { files: files.sort(byPath), refused: refused.sort(byPath) };
}

/** All that a folder, archive or manifest has, by path. */
export async function listedFrom(path: string): Promise<{ files: SourceFile[]; refused: RefusedFile[] }> {
  const source = await listSource(path);
  try {
    return await listed(source.entries);
  } finally {
    await source.close();
  }
}
