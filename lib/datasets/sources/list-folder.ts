import { mapInOrder } from '../../concurrency.ts';
import type { RefusedFile } from '../../contracts/dataset.ts';
import { DataError } from '../../errors.ts';
import { hashFile, type SourceFile } from './hash-file.ts';
import { walkFolder } from './walk-folder.ts';

/** Files hashed at once. */
const concurrency = 4;

/**
 * Lists all files below a folder with their size and SHA-256, including files of the operating system, which the import
 * recognizes. Paths are relative to the folder, with "/", in composed Unicode. Entries that cannot be sent come as
 * refused: not a file, not readable, a link to the outside, an invalid name.
 * @param root an absolute path without links
 * @throws DataError FOLDER_EMPTY
 */
export async function* listFolder(root: string): AsyncGenerator<SourceFile | RefusedFile> {
  let isEmpty = true;
  for await (const entry of mapInOrder(walkFolder(root), concurrency, async (found) =>
    'code' in found ? found : hashFile(found),
  )) {
    isEmpty = false;
    yield entry;
  }
  if (!isEmpty) return;
  const fix = 'put the images of each class into a folder named after the class';
  throw new DataError('FOLDER_EMPTY', { at: root, expected: 'folders of images', received: 'no file', fix });
}
