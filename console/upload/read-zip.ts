import { BlobReader, configure, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import type { PickedFile } from './picked-file.ts';

// The page's policy allows no worker, and the browser decompresses without one.
configure({ useWebWorkers: false });

/**
 * Lists the files of a zip. Only its table of contents is read; each file is unpacked when it is sent, so a zip may be
 * larger than the memory.
 * @throws PageError for a damaged zip, and for one with a path that would leave its folder
 */
export async function readZip(file: File): Promise<PickedFile[]> {
  const entries = await new ZipReader(new BlobReader(file)).getEntries().catch((cause: unknown) => {
    throw new PageError(text.drop.unreadableZip(file.name, reasonOf(cause)), text.drop.unreadableZipFix);
  });
  return entries.flatMap((entry) =>
    entry.directory
      ? []
      : [
          {
            path: entry.filename.replaceAll('\\', '/').normalize('NFC'),
            size: entry.uncompressedSize,
            bytes: async () => new Uint8Array(await entry.getData(new Uint8ArrayWriter())),
          },
        ],
  );
}

/** The error's message, with the path of the file that it is about. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'filename' in error ? `${error.message}: ${error.filename}` : error.message;
}
