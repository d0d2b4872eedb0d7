import { z } from 'zod';
import { PerceptualHash, RefusedFile, Sha256 } from '../../contracts/dataset.ts';
import type { ObjectStore } from '../../ports.ts';
import { changeDocument, readDocument } from '../../store/documents.ts';
import { storeKeys } from '../../store/store-keys.ts';

/**
 * The result of checking an image: its size in pixels after orientation and its hash, or the reason why it is refused.
 */
export const ImageCheck = z.union([
  z.strictObject({ width: z.int().min(1), height: z.int().min(1), hash: PerceptualHash.optional() }),
  RefusedFile.omit({ path: true }),
]);
export type ImageCheck = z.infer<typeof ImageCheck>;

/** Checks of images by the SHA-256 of their bytes, kept for all data sets of a store. */
export interface ImageChecks {
  find(sha256: string): Promise<ImageCheck | undefined>;
  add(sha256: string, check: ImageCheck): Promise<void>;
  /** Writes pending checks; without it, the last ones are lost. */
  flush(): Promise<void>;
}

/**
 * Raise this if `decodeImage` accepts or refuses other bytes, or if hashes change: then every image is checked again.
 */
export const RULES = 3;
export const PAGES = 64;
export const pageDocument = {
  schema: z.record(Sha256, ImageCheck),
  key: (page: string) => `${storeKeys.checks.prefix}${RULES}/${page}.json`,
};
/** The page of the latest checks, for all SHA-256s: a small import writes one object instead of sixty. */
export const RECENT = 'recent';

/** The most pending checks, which a killed import must repeat. */
const MAX_UNWRITTEN = 2000;
/** Pages that are being written while the next images are decoded. */
const MAX_WRITING = 4;

type Page = Readonly<Record<string, ImageCheck>>;

/**
 * Opens the checks. They are stored in pages of neighbouring SHA-256s, because an object per image would take longer
 * than decoding a small one. A reader in the order of the SHA-256s reads each page once, and holds two pages.
 */
export function openImageChecks(store: ObjectStore): ImageChecks {
  const pages = new Map<string, Promise<Page>>();
  // The existing pages are listed once: a failed read takes as long as decoding a small image.
  const existing = store
    .list(`${storeKeys.checks.prefix}${RULES}/`)
    .then(({ objects }) => new Set(objects.map(({ key }) => key)));
  const recent = readExisting(RECENT);
  // A failure is thrown to whoever asks first.
  recent.catch(() => {});
  let unwritten = new Map<string, ImageCheck>();
  const writing: Promise<unknown>[] = [];

  async function read(page: string): Promise<Page> {
    return (await readDocument(store, pageDocument, page)) ?? {};
  }

  async function readExisting(page: string): Promise<Page> {
    return (await existing).has(pageDocument.key(page)) ? read(page) : {};
  }

  function open(page: string): Promise<Page> {
    const opened = pages.get(page) ?? readExisting(page);
    pages.set(page, opened);
    const [oldest = page] = pages.keys();
    if (pages.size > 2) pages.delete(oldest);
    return opened;
  }

  /** Writes the pages that checks belong to, a few at once; the first failure is thrown by whoever waits for it next. */
  async function writePages(checks: Iterable<[string, ImageCheck]>): Promise<void> {
    for (const [page, added] of Map.groupBy(checks, ([sha256]) => pageOf(sha256))) {
      if (writing.length === MAX_WRITING) await writing.shift();
      const written = merge(page, Object.fromEntries(added));
      written.catch(() => {});
      writing.push(written);
    }
  }

  function merge(page: string, added: Page): Promise<unknown> {
    return changeDocument(store, pageDocument, page, (known) => ({ ...known, ...added }));
  }

  return {
    find: async (sha256) => (await recent)[sha256] ?? (await open(pageOf(sha256)))[sha256],
    async add(sha256, check) {
      unwritten.set(sha256, check);
      if (unwritten.size < MAX_UNWRITTEN) return;
      const added = unwritten;
      unwritten = new Map();
      await writePages(added);
    },
    async flush() {
      const added = Object.fromEntries(unwritten);
      unwritten = new Map();
      await Promise.all(writing);
      const known = await read(RECENT);
      const all = { ...known, ...added };
      if (Object.keys(added).length === 0) return;
      if (Object.keys(all).length <= MAX_UNWRITTEN) return void (await merge(RECENT, added));
      await writePages(Object.entries(all));
      await Promise.all(writing);
      // What others have found meanwhile stays.
      const isMoved = (sha256: string): boolean => sha256 in known;
      await changeDocument(store, pageDocument, RECENT, (now = {}) =>
        Object.fromEntries(Object.entries(now).filter(([sha256]) => !isMoved(sha256))),
      );
    },
  };
}

function pageOf(sha256: string): string {
  const page = Math.floor((Number.parseInt(sha256.slice(0, 4), 16) * PAGES) / 2 ** 16);
  return String(page).padStart(2, '0');
}
