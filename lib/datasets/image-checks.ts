import { z } from 'zod';
import { PerceptualHash, RefusedFile, Sha256 } from '../contracts/dataset.ts';
import { changeDocument, readDocument } from '../documents.ts';
import type { ObjectStore } from '../ports.ts';

/** What an image was found to be: its size in pixels after orientation and its looks, or why it cannot be taken. */
const ImageCheck = z.union([
  z.strictObject({ width: z.int().min(1), height: z.int().min(1), hash: PerceptualHash.optional() }),
  RefusedFile.omit({ path: true }),
]);
export type ImageCheck = z.infer<typeof ImageCheck>;

/** Checks of images by the SHA-256 of their bytes, kept for all data sets of a store. */
export interface ImageChecks {
  find(sha256: string): Promise<ImageCheck | undefined>;
  add(sha256: string, check: ImageCheck): Promise<void>;
  /** Writes what was added; without it, the last of it is lost. */
  flush(): Promise<void>;
}

/** To be raised whenever `decodeImage` takes or refuses other bytes, or hashes differ: then every image is checked anew. */
const RULES = 2;
const PAGES = 64;
const pageDocument = {
  schema: z.record(Sha256, ImageCheck),
  key: (page: string) => `checks/${RULES}/${page}.json`,
};

/** Added checks that are not yet written: as many as a killed import must do again at most. */
const MAX_UNWRITTEN = 1000;

/**
 * Opens the checks. They lie in pages of neighbouring SHA-256s, since an object for each image would cost more time than decoding
 * a small one. Whoever asks in the order of the SHA-256s reads each page once, writes it once, and holds two of them.
 */
export function openImageChecks(store: ObjectStore): ImageChecks {
  const pages = new Map<string, Promise<Readonly<Record<string, ImageCheck>>>>();
  let unwritten = new Map<string, ImageCheck>();
  let unwrittenPage = '';
  let writing: Promise<unknown> = Promise.resolve();

  function read(page: string) {
    const open = pages.get(page) ?? readDocument(store, pageDocument, page).then((checks = {}) => checks);
    pages.set(page, open);
    const [oldest = page] = pages.keys();
    if (pages.size > 2) pages.delete(oldest);
    return open;
  }

  /** Lets a page be written while the next images are decoded; one at a time, so that little is held. */
  async function beginWriting(): Promise<void> {
    await writing;
    if (unwritten.size === 0) return;
    const added = Object.fromEntries(unwritten);
    unwritten = new Map();
    writing = changeDocument(store, pageDocument, unwrittenPage, (known) => ({ ...known, ...added }));
    // A failure is thrown to whoever waits for it next; until then Node must not take it for one that nobody handles.
    writing.catch(() => {});
  }

  return {
    find: async (sha256) => (await read(pageOf(sha256)))[sha256],
    async add(sha256, check) {
      const page = pageOf(sha256);
      if (page !== unwrittenPage || unwritten.size >= MAX_UNWRITTEN) await beginWriting();
      unwrittenPage = page;
      unwritten.set(sha256, check);
    },
    async flush() {
      await beginWriting();
      await writing;
    },
  };
}

function pageOf(sha256: string): string {
  const page = Math.floor((Number.parseInt(sha256.slice(0, 4), 16) * PAGES) / 2 ** 16);
  return String(page).padStart(2, '0');
}
