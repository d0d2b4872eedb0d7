import { type StoredDataset, StoredDataset as StoredDatasetSchema } from '../contracts/dataset.ts';
import { digestSet } from '../datasets/tables/digest-set.ts';
import { readReferences, uploadOfPart } from '../datasets/uploads/upload-parts.ts';
import { isOpen } from '../datasets/uploads/upload-record.ts';
import { withdrawImports } from '../datasets/versions/announced-imports.ts';
import { streamManifest } from '../datasets/versions/manifest.ts';
import { asGraftError, errorJson } from '../errors.ts';
import type { World } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { CollectionStopped } from './collection-stopped.ts';
import { endAbandonedUploads } from './end-abandoned-uploads.ts';

/**
 * Everything that the store still refers to. A reference counts for as long as the collector runs, even if it is
 * deleted meanwhile.
 */
export interface References {
  /**
   * Reads new records: parts of uploads first, then records of data sets, since a reference moves from the former to
   * the latter. Parts and manifests never change, so each is read once.
   */
  refresh(): Promise<void>;
  /** Tells whether an upload can no longer become a version, so that its own references no longer count. */
  isEnded(upload: string): Promise<boolean>;
  needsImage(sha256: string): boolean;
  needsManifest(digest: string): boolean;
  /** Tells whether the data set has this version, or an import is about to add it. */
  hasVersion(name: string, digest: string): boolean;
  /** Tells whether a version's images stay at the upload's object locations. */
  needsLocations(upload: string): boolean;
  /** Records that could not be read; the images that they need are unknown. */
  readonly unreadable: ReadonlySet<string>;
}

/** The references in a record of a data set. */
interface DatasetReferences {
  readonly etag: string;
  /** Includes those that an import is about to add. */
  readonly digests: ReadonlySet<string>;
  /** Deleted versions whose manifests the splits of later ones need, but neither their reports nor their images. */
  readonly ancestors: ReadonlySet<string>;
  readonly locations: ReadonlySet<string>;
}

/**
 * Opens the references of a store.
 * @param keepAlive called often while reading
 */
export function openReferences(world: Pick<World, 'store' | 'clock' | 'log'>, keepAlive: () => Promise<void>): References {
  const { store, log } = world;
  const images = digestSet();
  const parts = new Set<string>();
  const manifests = new Set<string>();
  const uploads = new Map<string, boolean>();
  const records = new Map<string, DatasetReferences>();
  const unreadable = new Set<string>();

  /**
   * Reads a record; notes an unreadable one and continues.
   * @throws errors that a retry may fix
   */
  async function reading(key: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (error instanceof CollectionStopped || asGraftError(error).retryable) throw error;
      if (!unreadable.has(key)) log('collection.unreadable', { key, error: errorJson(error) });
      unreadable.add(key);
    }
  }

  async function isEnded(upload: string): Promise<boolean> {
    const known = uploads.get(upload);
    if (known !== undefined) return known;
    let isOver = false;
    await reading(`${storeKeys.uploads.prefix}${upload}.json`, async () => {
      const record = await endAbandonedUploads(upload, world);
      isOver = record === undefined || !isOpen(record);
    });
    uploads.set(upload, isOver);
    return isOver;
  }

  async function readUploads(): Promise<void> {
    for await (const { key } of listKeys(store, storeKeys.uploadParts.prefix)) {
      await keepAlive();
      const upload = uploadOfPart(key);
      if (upload === undefined || parts.has(key) || (await isEnded(upload))) continue;
      parts.add(key);
      await reading(key, async () => {
        for (const sha256 of await readReferences(key, store)) images.add(sha256);
      });
    }
  }

  /** Reads a record without the pending entries of ended uploads, whose objects may only be removed afterwards. */
  async function readRecord(key: string): Promise<{ etag: string; record: StoredDataset } | undefined> {
    for (;;) {
      const object = await store.get(key);
      if (object === undefined) return undefined;
      const { value: record } = decodeDocument(StoredDatasetSchema, key, object.body);
      const over = new Set<string>();
      for (const { upload } of record.imports ?? []) if (await isEnded(upload)) over.add(upload);
      if (over.size === 0) return { etag: object.etag, record };
      await withdrawImports(record.name, ({ upload }) => over.has(upload), store);
    }
  }

  async function readManifest(digest: string, key: string): Promise<void> {
    if (manifests.has(digest)) return;
    let rows = 0;
    try {
      for await (const { sha256 } of streamManifest(digest, store)) {
        images.add(sha256);
        if (++rows % 1000 === 0) await keepAlive();
      }
      manifests.add(digest);
    } catch (error) {
      const now = await readRecord(key);
      // If the version is gone, it was deleted meanwhile and its manifest collected.
      if (now?.record.versions.some((version) => version.digest === digest) === true) throw error;
    }
  }

  async function readDatasets(): Promise<void> {
    for await (const { key, etag } of listKeys(store, storeKeys.datasets.prefix)) {
      await keepAlive();
      if (records.get(key)?.etag === etag) continue;
      await reading(key, async () => {
        const found = await readRecord(key);
        if (found === undefined) return;
        const { versions, imports = [], ancestors = [] } = found.record;
        for (const { digest } of versions)
          await reading(`${storeKeys.manifests.prefix}${digest}`, () => readManifest(digest, key));
        records.set(key, {
          etag: found.etag,
          digests: new Set([...versions, ...imports].map(({ digest }) => digest)),
          ancestors: new Set(ancestors.map(({ digest }) => digest)),
          locations: new Set(versions.flatMap(({ inPlace: external }) => external?.places ?? [])),
        });
      });
    }
  }

  function some(is: (record: DatasetReferences) => boolean): boolean {
    for (const record of records.values()) if (is(record)) return true;
    return false;
  }

  return {
    async refresh() {
      await readUploads();
      await readDatasets();
    },
    isEnded,
    needsImage: (sha256) => images.has(sha256),
    needsManifest: (digest) => some(({ digests, ancestors }) => digests.has(digest) || ancestors.has(digest)),
    hasVersion: (name, digest) => records.get(`${storeKeys.datasets.prefix}${name}.json`)?.digests.has(digest) === true,
    needsLocations: (upload) => some(({ locations }) => locations.has(upload)),
    unreadable,
  };
}
