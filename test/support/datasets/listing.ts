import type { RefusedFile } from '../../../lib/contracts/dataset.ts';
import type { SourceFile } from '../../../lib/datasets/sources/hash-file.ts';
import { listSource } from '../../../lib/datasets/sources/list-source.ts';
import { byPath } from '../../../lib/datasets/tables/order.ts';
import { openUnpackFolder } from '../../../lib/local/unpack-folder.ts';

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
  const source = await listSource(path, openUnpackFolder);
  try {
    return await listed(source.entries);
  } finally {
    await source.close();
  }
}
