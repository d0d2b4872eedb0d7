import { hash } from 'node:crypto';
import type { RefusedFile } from '../../contracts/dataset.ts';
import { digestSet } from '../tables/digest-set.ts';
import type { SourceFile } from './hash-file.ts';

/**
 * The entries of a source, equal files once. Parts of an upload are named by their content: of two equal parts, the
 * store has one, and the upload would count as incomplete.
 */
export async function* distinctEntries(
  entries: AsyncIterable<SourceFile | RefusedFile>,
): AsyncGenerator<SourceFile | RefusedFile> {
  const listed = digestSet();
  for await (const entry of entries)
    if ('code' in entry || listed.add(hash('sha256', `${entry.sha256} ${entry.path}`))) yield entry;
}
