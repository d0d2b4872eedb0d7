import { BlobReader, configure, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import type { PickedFile } from './collect-files.ts';

// The page's policy allows no worker, and the browser decompresses without one.
configure({ useWebWorkers: false });

/**
 * Lists the files of a zip. Only its table of contents is read; each file is unpacked when it is sent, so a zip may be
 * larger than the memory.
 * @throws the error of a damaged zip
 */
export async function readZip(file: Blob): Promise<PickedFile[]> {
  const entries = await new ZipReader(new BlobReader(file)).getEntries();
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
