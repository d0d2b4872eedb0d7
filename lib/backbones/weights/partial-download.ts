import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ObjectStore } from '../../ports.ts';
import type { DocumentKind } from '../../store/documents.ts';
import { changeDocument, readDocument } from '../../store/documents.ts';
import { listKeys } from '../../store/list-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';

/**
 * The part of a download that has been received so far. The store keeps it between attempts, separate from finished
 * weights. Parts are stored per version of the file on the server, so that concurrent downloads, or downloads before
 * and after a change, never mix.
 */
export interface PartialDownload {
  /** The server's version identifier, for If-Range. Undefined if nothing is stored. */
  readonly version: string | undefined;
  /** Reads that version's parts from the start of the file, without gaps. */
  parts(): Promise<Uint8Array[]>;
  /** Stores the bytes from `offset` on. */
  keep(version: string, offset: number, bytes: Uint8Array): Promise<void>;
  /** Deletes all parts of all versions. */
  clear(): Promise<void>;
}

const State = z.strictObject({ url: z.string(), version: z.string() });

/** Opens the stored parts of a download. */
export async function openPartialDownload(url: string, store: ObjectStore): Promise<PartialDownload> {
  const prefix = `${storeKeys.weights.prefix}incomplete/${shortHash(url)}`;
  const kind: DocumentKind<typeof State> = { schema: State, key: () => `${prefix}/version.json` };
  let version = (await readDocument(store, kind, url))?.version;

  return {
    get version() {
      return version;
    },

    async parts() {
      const parts: Uint8Array[] = [];
      let end = 0;
      if (version === undefined) return parts;
      for await (const { key } of listKeys(store, `${prefix}/${shortHash(version)}/`)) {
        const object = offsetOf(key) === end ? await store.get(key) : undefined;
        if (!object) continue;
        parts.push(object.body);
        end += object.body.length;
      }
      return parts;
    },

    async keep(current, offset, bytes) {
      if (current !== version) await changeDocument(store, kind, url, () => ({ url, version: current }));
      version = current;
      await store.put(`${prefix}/${shortHash(current)}/${String(offset).padStart(12, '0')}`, bytes);
    },

    async clear() {
      version = undefined;
      for await (const { key } of listKeys(store, `${prefix}/`)) await store.delete(key);
    },
  };
}

function offsetOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
