import { isUtf8 } from 'node:buffer';
import { type Entry, getFileNameLowLevel, openPromise } from 'yauzl';
import type { ArchiveEntry } from './archive-entry.ts';

const UTF8_FLAG = 0x800;
/** The file type of Unix, in the upper half of the attributes. */
const TYPE_MASK = 0o170000;
const LINK_TYPE = 0o120000;

/** The entries of a zip file, in the order of its directory. Names stay as they are: whoever takes them checks them. */
export async function* zipEntries(path: string): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      yield {
        path: name,
        kind: kindOf(entry, name),
        size: entry.uncompressedSize,
        crc32: entry.crc32,
        open: () => zip.openReadStreamPromise(entry),
      };
    }
  } finally {
    zip.close();
  }
}

/** UTF-8 where the archive says so or where it is valid, as macOS writes it without saying; else the code page of DOS. */
function nameOf(entry: Entry): string {
  const flags = entry.generalPurposeBitFlag | (isUtf8(entry.fileNameRaw) ? UTF8_FLAG : 0);
  return getFileNameLowLevel(flags, entry.fileNameRaw, entry.extraFields, false).replaceAll('\\', '/');
}

function kindOf(entry: Entry, name: string): ArchiveEntry['kind'] {
  if (name.endsWith('/')) return 'folder';
  if (((entry.externalFileAttributes >>> 16) & TYPE_MASK) === LINK_TYPE) return 'link';
  return entry.isEncrypted() ? 'encrypted' : 'file';
}
