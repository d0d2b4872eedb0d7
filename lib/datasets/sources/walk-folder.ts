import type { Dir } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ImagePath, type RefusedFile } from '../../contracts/dataset.ts';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { refuse } from '../../contracts/refuse.ts';

export interface FoundFile {
  /** Relative to the root, with "/", in Unicode's composed form. */
  readonly path: string;
  readonly absolutePath: string;
}

/**
 * All files below a folder, and whatever else lies there as refused: nothing is passed over in silence. A link is followed to a
 * file inside the folder and nowhere else, so that nothing outside is ever sent and no walk goes round in circles.
 */
export async function* walkFolder(root: string, folder = root, prefix = ''): AsyncGenerator<FoundFile | RefusedFile> {
  let entries: Dir;
  try {
    entries = await opendir(folder, { bufferSize: 256 });
  } catch (error) {
    yield refuse(prefix, 'FOLDER_UNREADABLE', {
      expected: 'a readable folder',
      received: describeError(error),
      fix: 'change its permissions',
    });
    return;
  }
  for await (const entry of entries) {
    const path = `${prefix}${entry.name}`.normalize('NFC');
    const absolutePath = join(folder, entry.name);
    const isLink = entry.isSymbolicLink();
    if (entry.name.includes('\ufffd')) {
      yield refuse(path, 'NAME_UNREADABLE', { expected: 'a UTF-8 name', fix: 'rename it' });
    } else if (entry.isDirectory()) {
      yield* walkFolder(root, absolutePath, `${path}/`);
    } else if (isLink && !(await leadsToFileInside(root, absolutePath))) {
      yield refuse(path, 'LINK_NOT_FOLLOWED', {
        expected: 'a link to a file inside the folder',
        fix: 'copy the file into the folder',
      });
    } else if (!isLink && !entry.isFile()) {
      yield refuse(path, 'NOT_A_FILE', { expected: 'a file or a folder', fix: 'remove it' });
    } else if (!ImagePath.safeParse(path).success) {
      yield refuse(path, 'PATH_TOO_LONG', {
        expected: 'at most 1024 characters',
        received: `${path.length}`,
        fix: 'shorten the names',
      });
    } else {
      yield { path, absolutePath };
    }
  }
}

/** Whether a path, by whatever links, ends at a file below a folder. */
export async function leadsToFileInside(root: string, link: string): Promise<boolean> {
  try {
    const target = await realpath(link);
    return target.startsWith(`${root}${sep}`) && (await stat(target)).isFile();
  } catch {
    return false;
  }
}

function describeError(error: unknown): string {
  return messageOf(error);
}
