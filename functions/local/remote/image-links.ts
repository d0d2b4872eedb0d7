import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from '../../../lib/client/client.ts';
import type { FileLink } from '../../../lib/contracts/file-link.ts';
import type { Rows } from '../../../lib/datasets/tables/rows.ts';
import { keepRecent } from '../../../lib/keep-recent.ts';
import type { Clock } from '../../../lib/ports.ts';

type SignedRequest = FileLink['request'];

/** Signed requests for the images of a version, by their SHA-256. */
export interface ImageLinks {
  isKnown(sha256: string): boolean;
  /**
   * Returns the request for an image; undefined if the version has no such image. Calls of one turn of the event loop
   * share a request to the API.
   * @throws as `client.datasets.images`
   */
  find(sha256: string): Promise<SignedRequest | undefined>;
  /** Makes the next `find` ask the API again. */
  forget(sha256: string): void;
}

/** Milliseconds for which a link that is found is still valid. The API signs for an hour. */
export const LINK_MS = 30 * 60_000;
/** The most images of a request to the API. */
export const LINKS_AT_ONCE = 200;
/** Links that stay in memory, of some 2 KB each. */
const MOST_LINKS = 2_000;

/**
 * Opens the links of an API. A link belongs to the bytes of an image, so all versions share those that are valid.
 * @returns the links of a version, `NAME@DIGEST`
 */
export function openImageLinks(client: Client, clock: Clock): (version: string, rows: Rows) => ImageLinks {
  const known = new Map<string, { readonly request: SignedRequest; readonly expiresAt: Date }>();

  function valid(sha256: string): SignedRequest | undefined {
    const link = known.get(sha256);
    return link !== undefined && link.expiresAt.getTime() - clock.now().getTime() >= LINK_MS ? link.request : undefined;
  }

  /** Asks the API for the links of some images. */
  async function fetchLinks(version: string, rows: Rows, images: readonly string[]): Promise<Map<string, SignedRequest>> {
    const indexOf = indexesOf(rows);
    const found = new Map<string, SignedRequest>();
    for (let start = 0; start < images.length; start += LINKS_AT_ONCE) {
      const some = images.slice(start, start + LINKS_AT_ONCE).flatMap((sha256) => indexOf.get(sha256) ?? []);
      const page = await client.datasets.images(version, { rows: some, limit: LINKS_AT_ONCE });
      for (const { sha256, request } of page.images) {
        if (request === undefined) continue;
        keepRecent(known, sha256, { request, expiresAt: new Date(page.expiresAt) }, MOST_LINKS);
        found.set(sha256, request);
      }
    }
    return found;
  }

  return (version, rows) => {
    let batch: { readonly images: Set<string>; readonly links: Promise<ReadonlyMap<string, SignedRequest>> } | undefined;

    function startBatch() {
      const images = new Set<string>();
      const links = nextTurn().then(() => {
        batch = undefined;
        return fetchLinks(version, rows, [...images]);
      });
      return { images, links };
    }

    return {
      isKnown: (sha256) => valid(sha256) !== undefined,
      async find(sha256) {
        const link = valid(sha256);
        if (link !== undefined) return link;
        batch ??= startBatch();
        batch.images.add(sha256);
        return (await batch.links).get(sha256);
      },
      forget(sha256) {
        known.delete(sha256);
      },
    };
  };
}

const indexes = new WeakMap<Rows, ReadonlyMap<string, number>>();

/** The index of each image in the order of the paths, which the API takes; one of them, if several have the same bytes. */
function indexesOf(rows: Rows): ReadonlyMap<string, number> {
  const found = indexes.get(rows) ?? new Map(rows.map(({ sha256 }, index) => [sha256, index]));
  indexes.set(rows, found);
  return found;
}
