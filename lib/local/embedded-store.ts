import { join } from 'node:path';
import type { ObjectHead, ObjectPage } from '../ports.ts';
import { keyKinds } from '../store/store-keys.ts';
import { type FileStore, type FileStoreOptions, openFileStore } from './file-store.ts';
import { objectNotFound } from './object-file.ts';
import { openRowStore } from './row-store.ts';

const ROWS = keyKinds.filter(({ medium }) => medium === 'row').map(({ prefix }) => prefix);

/** `quotaBytes` limits only the files. */
export type EmbeddedStoreOptions = Pick<FileStoreOptions, 'directory' | 'clock' | 'quotaBytes'>;

/**
 * Opens an ObjectStore in a folder: files, and small objects in `records.sqlite`. Several processes may open it at
 * once.
 */
export function openEmbeddedStore({ directory, clock, ...limits }: EmbeddedStoreOptions): FileStore {
  const files = openFileStore({ directory, clock, ...limits });
  const rows = openRowStore({ file: join(directory, 'records.sqlite'), clock });
  const homeOf = (key: string) => (ROWS.some((start) => key.startsWith(start)) ? rows : files);
  return {
    ...files,
    get: (key) => homeOf(key).get(key),
    getRange: (key, start, end) => homeOf(key).getRange(key, start, end),
    head: (key) => homeOf(key).head(key),
    put: (key, body, condition) => homeOf(key).put(key, body, condition),
    delete: (key, options) => homeOf(key).delete(key, options),

    async copy(from, to) {
      if (homeOf(from) === homeOf(to)) return homeOf(to).copy(from, to);
      const found = await homeOf(from).get(from);
      if (found === undefined) throw objectNotFound(from);
      await homeOf(to).put(to, found.body);
    },

    async list(prefix, page = {}) {
      const isMixed = homeOf(prefix) === files && ROWS.some((start) => start.startsWith(prefix));
      if (!isMixed) return homeOf(prefix).list(prefix, page);
      const pages = await Promise.all([rows.list(prefix, page), files.list(prefix, page)]);
      return merged(pages, page.limit ?? 1000);
    },

    close() {
      rows.close();
      files.close();
    },
  };
}

/** Merges two pages into one, sorted by key. */
function merged(pages: readonly ObjectPage[], limit: number): ObjectPage {
  const objects = pages.flatMap((page) => page.objects).sort(byKey);
  return { objects: objects.slice(0, limit), more: objects.length > limit || pages.some(({ more }) => more) };
}

function byKey({ key: one }: ObjectHead, { key: other }: ObjectHead): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
