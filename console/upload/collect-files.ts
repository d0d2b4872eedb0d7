import { isOsJunk } from '../../lib/contracts/upload-files.ts';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import { nameFrom, outerFolder } from './outer-folder.ts';
import type { PickedFile } from './picked-file.ts';

export interface Picked {
  /** A suggestion for the name of the data set. */
  readonly name: string;
  readonly files: PickedFile[];
}

/**
 * Reads what the user dropped: folders, zip files and files.
 * @throws the browser's error; PageError as `readZip`, and if there are no files
 */
export async function collectDropped(transfer: DataTransfer): Promise<Picked> {
  // The list of items is empty after the event, so it is read first.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: PickedFile[] = [];
  for (const entry of entries) await walk(entry, found);
  return gather(found, entries.length === 1 ? entries[0]?.name : undefined);
}

/** Reads what the user chose with a file input. @throws as `collectDropped` */
export async function collectChosen(files: readonly File[]): Promise<Picked> {
  const found: PickedFile[] = [];
  for (const file of files) await addFile(file, file.webkitRelativePath || file.name, found);
  return gather(found, files.length === 1 ? files[0]?.name : undefined);
}

function gather(found: readonly PickedFile[], name: string | undefined): Picked {
  const files = found.filter(({ path }) => !isOsJunk(path));
  if (files.length === 0) throw new PageError(text.drop.nothing, text.drop.nothingFix);
  const outer = outerFolder(files.map(({ path }) => path));
  if (outer !== undefined) for (const file of files) file.path = file.path.slice(outer.length + 1);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { name: nameFrom(name ?? outer ?? 'images'), files };
}

async function walk(entry: FileSystemEntry, into: PickedFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject)).catch((error: unknown) => {
      // It is left out when its bytes are read, with its path.
      into.push({ path: path.normalize('NFC'), size: 0, bytes: () => Promise.reject(error) });
    });
    return file && addFile(file, path, into);
  }
  if (!isDirectory(entry)) return;
  const reader = entry.createReader();
  // A call returns at most 100 entries, and none at the end.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const inner of entries) await walk(inner, into);
  }
}

async function addFile(file: File, path: string, into: PickedFile[]): Promise<void> {
  if (!/\.zip$/i.test(file.name)) {
    into.push({ path: path.normalize('NFC'), size: file.size, bytes: async () => new Uint8Array(await file.arrayBuffer()) });
    return;
  }
  const { readZip } = await import('./read-zip.ts');
  // A call takes no such many arguments as a zip may have files.
  for (const inner of await readZip(file)) into.push(inner);
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
