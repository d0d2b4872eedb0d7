import { createHash } from 'node:crypto';
import type { Transport } from '../../../lib/client/api-request.ts';
import { sha256OfBlob } from '../../../lib/datasets/files/blob-key.ts';
import { DataError } from '../../../lib/errors.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { download } from './download.ts';
import { type ImageLinks, LINKS_AT_ONCE } from './image-links.ts';

export interface RemoteImages {
  /** `NAME@DIGEST` */
  readonly version: string;
  /** SHA-256 of each image, in the order in which they are read. */
  readonly images: readonly string[];
  readonly links: ImageLinks;
  readonly send: Transport;
}

/**
 * A store that reads the images of a version from an API elsewhere, and has everything else in a store of this machine.
 * Images are not kept: their features are. Reading one throws DataError IMAGE_MISSING or IMAGE_CHANGED, or the error of
 * the API.
 */
export function remoteImages(cache: ObjectStore, { version, images, links, send }: RemoteImages): ObjectStore {
  /** Asks for the links of the next images, too, so that a request to the API is enough for many of them. */
  function linkAhead(sha256: string): void {
    const start = images.indexOf(sha256);
    for (const next of images.slice(start, start + LINKS_AT_ONCE))
      if (!links.isKnown(next)) void links.find(next).catch(() => {});
  }

  async function readOnce(sha256: string): Promise<Uint8Array | undefined> {
    if (!links.isKnown(sha256)) linkAhead(sha256);
    const link = await links.find(sha256);
    return link && download(link, send);
  }

  /** Tries it twice, because a link can expire early, with the credentials that signed it. */
  async function read(sha256: string): Promise<Uint8Array> {
    let received: string | undefined;
    for (let attempt = 0; attempt < 2; attempt++) {
      const body = await readOnce(sha256);
      received = body && createHash('sha256').update(body).digest('hex');
      if (body !== undefined && received === sha256) return body;
      links.forget(sha256);
    }
    throw received === undefined ? imageMissing(version, sha256) : imageChanged(version, sha256, received);
  }

  return {
    ...cache,
    async get(key) {
      const sha256 = sha256OfBlob(key);
      return sha256 === undefined ? cache.get(key) : { body: await read(sha256), etag: sha256 };
    },
    async getRange(key, start, end) {
      const sha256 = sha256OfBlob(key);
      return sha256 === undefined ? cache.getRange(key, start, end) : (await read(sha256)).subarray(start, end);
    },
  };
}

function imageMissing(version: string, sha256: string): DataError {
  return new DataError('IMAGE_MISSING', {
    at: version,
    expected: `the image with SHA-256 ${sha256}`,
    received: 'nothing: it may have been deleted',
    fix: 'ask for the latest version, or upload the image again',
  });
}

function imageChanged(version: string, sha256: string, received: string): DataError {
  return new DataError('IMAGE_CHANGED', {
    at: version,
    expected: `the image with SHA-256 ${sha256}`,
    received: `bytes with SHA-256 ${received}`,
    fix: 'upload the image again: the store returns other bytes',
  });
}
