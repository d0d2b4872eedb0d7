import { ImagePath, type RefusedFile, type UploadFile } from '../../contracts/dataset.ts';
import { osJunk, refuse } from '../../contracts/refuse.ts';
import { isOsJunk } from '../../contracts/upload-files.ts';
import { hexColumn } from './hex-column.ts';
import { binarySearch, byText, numbers } from './order.ts';
import { textColumn } from './text-column.ts';

/**
 * The files of an upload, by path, as columns instead of objects, because there may be millions. A file's number is its
 * position.
 */
export interface FileTable {
  readonly length: number;
  path(file: number): string;
  sha256(file: number): string;
  size(file: number): number;
  /** The file of this path. */
  find(path: string): number | undefined;
  /** Files with equal content, in the order of their SHA-256. */
  contents(): Generator<Content>;
}

export interface Content extends Omit<UploadFile, 'path'> {
  /** All files with this content. */
  readonly files: readonly number[];
}

/**
 * One file for each path, in composed Unicode. A file that is listed twice counts once. Another file with the same
 * path, a path that is too long when composed, and files of the operating system, are refused unread.
 */
export async function tabulateFiles(
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>,
): Promise<{ table: FileTable; refused: RefusedFile[] }> {
  const paths = textColumn();
  const sizes: number[] = [];
  const hashes = hexColumn();
  const refused: RefusedFile[] = [];
  for await (const { path, size, sha256 } of files) {
    const composed = path.normalize('NFC');
    paths.push(composed);
    sizes.push(size);
    hashes.push(sha256);
  }
  paths.trim();
  hashes.trim();
  const order = numbers(paths.length).sort((a, b) => byText(paths.at(a), paths.at(b)) || hashes.compare(a, b));
  let previous: number | undefined;
  const listed = order.filter((row) => {
    const path = paths.at(row);
    const taken = previous !== undefined && paths.at(previous) === path;
    const known = taken && previous !== undefined && hashes.compare(previous, row) === 0;
    previous = row;
    if (known) return false;
    if (isOsJunk(path)) refused.push({ path, ...osJunk });
    // Composed Unicode can be longer: U+0958 becomes two characters.
    else if (!ImagePath.safeParse(path).success)
      refused.push(refuse(path, 'PATH_TOO_LONG', { ...tooLong, received: `${path.length}` }));
    else if (taken) refused.push(refuse(path, 'NAME_TAKEN', nameTaken));
    else return true;
    return false;
  });
  const rowOf = (file: number): number => listed[file] ?? -1;
  const path = (file: number): string => paths.at(rowOf(file));
  const size = (file: number): number => sizes[rowOf(file)] ?? 0;
  const sha256 = (file: number): string => hashes.at(rowOf(file));
  return {
    refused,
    table: {
      length: listed.length,
      path,
      sha256,
      size,
      find: (wanted) => binarySearch(listed.length, (file) => byText(path(file), wanted)),
      *contents() {
        const sorted = numbers(listed.length).sort((a, b) => hashes.compare(rowOf(a), rowOf(b)) || size(a) - size(b) || a - b);
        for (let start = 0, end = 0; start < sorted.length; start = end) {
          const first = sorted[start] ?? 0;
          const isSame = (file: number | undefined): file is number =>
            file !== undefined && size(file) === size(first) && hashes.compare(rowOf(file), rowOf(first)) === 0;
          while (isSame(sorted[end])) end++;
          yield { sha256: sha256(first), size: size(first), files: [...sorted.subarray(start, end)] };
        }
      },
    },
  };
}

const tooLong = { expected: 'at most 1024 characters in composed Unicode', fix: 'shorten the names' };
const nameTaken = { expected: 'one file under this path', received: 'another one', fix: 'rename one of them' };
