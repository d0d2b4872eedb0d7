import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Headers } from 'tar-stream';
import type { ArchiveEntry } from './archive-entry.ts';

/** The entries of a tar file, in its order. */
export async function* tarEntries(path: string, { gzip }: { gzip: boolean }): AsyncGenerator<ArchiveEntry> {
  const stop = new AbortController();
  const tar = extract();
  const file = createReadStream(path);
  const { signal } = stop;
  const reading = gzip ? pipeline(file, createGunzip(), tar, { signal }) : pipeline(file, tar, { signal });
  // A failure reaches whoever takes the entries; here Node must not take it for one that nobody handles.
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, size = 0 } = entry.header;
      let opened = false;
      yield {
        path: name.replaceAll('\\', '/'),
        kind: kindOf(entry.header),
        size,
        async open() {
          opened = true;
          return entry;
        },
      };
      if (!opened) entry.resume();
    }
    await reading;
  } finally {
    stop.abort();
  }
}

function kindOf({ type }: Headers): ArchiveEntry['kind'] {
  if (type === 'directory') return 'folder';
  if (type === 'link' || type === 'symlink') return 'link';
  return type === 'file' || type === 'contiguous-file' ? 'file' : 'other';
}
