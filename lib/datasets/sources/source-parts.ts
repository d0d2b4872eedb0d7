import { rm } from 'node:fs/promises';
import type { RefusedFile } from '../../contracts/dataset.ts';
import { MOST_FILES_A_PART } from '../../contracts/request-limits.ts';
import { distinctEntries } from './distinct-entries.ts';
import type { SourceFile } from './hash-file.ts';
import type { Source } from './list-source.ts';

/**
 * Cuts the listing of a source, which may have millions of files, into parts of an upload. Two files with the same path,
 * which the import refuses, are in two parts, because the API names the uploads of a part by their paths. Unpacked files
 * of a part are removed when the next one is asked for, so that an archive takes as much disk as its largest part.
 * @param unsent receives the files that cannot be sent
 */
export async function* sourceParts(
  { entries, unpackFolder }: Pick<Source, 'entries' | 'unpackFolder'>,
  unsent: RefusedFile[],
): AsyncGenerator<readonly SourceFile[]> {
  let part = new Map<string, SourceFile>();
  async function removeUnpacked(): Promise<void> {
    if (unpackFolder === undefined) return;
    for (const { absolutePath } of part.values()) await rm(absolutePath, { force: true });
  }
  for await (const entry of distinctEntries(entries)) {
    if ('code' in entry) {
      unsent.push(entry);
      continue;
    }
    if (part.size === MOST_FILES_A_PART || part.has(entry.path)) {
      yield [...part.values()];
      await removeUnpacked();
      part = new Map();
    }
    part.set(entry.path, entry);
  }
  if (part.size > 0) yield [...part.values()];
  await removeUnpacked();
}
