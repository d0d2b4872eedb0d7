import type { RefusedFile } from '../../contracts/dataset.ts';
import { MOST_FILES_A_PART } from '../../contracts/request-limits.ts';
import { distinctEntries } from './distinct-entries.ts';
import type { SourceFile } from './hash-file.ts';

/**
 * Cuts the listing of a source, which may have millions of files, into parts of an upload. Two files with the same path,
 * which the import refuses, are in two parts, because the API names the uploads of a part by their paths.
 * @param unsent receives the files that cannot be sent
 */
export async function* sourceParts(
  entries: AsyncIterable<SourceFile | RefusedFile>,
  unsent: RefusedFile[],
): AsyncGenerator<readonly SourceFile[]> {
  let part = new Map<string, SourceFile>();
  for await (const entry of distinctEntries(entries)) {
    if ('code' in entry) {
      unsent.push(entry);
      continue;
    }
    if (part.size === MOST_FILES_A_PART || part.has(entry.path)) {
      yield [...part.values()];
      part = new Map();
    }
    part.set(entry.path, entry);
  }
  if (part.size > 0) yield [...part.values()];
}
