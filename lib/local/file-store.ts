import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CapacityError, ConflictError, NotFoundError } from '../errors.ts';
import type { Clock, ObjectHead, ObjectStore, ObjectVersion, PutCondition } from '../ports.ts';
import { checkKey } from '../store/object-key.ts';
import { requireBefore } from '../store/require-before.ts';
import { checkedUpload, sha256OfFile, type UploadBody } from './checked-upload.ts';
import { openFileLock } from './file-lock.ts';
import { bytesBelow, moveInto, removeFrom, syncFolder } from './folders.ts';
import { pathOfKey } from './key-path.ts';
import { listObjects } from './list-objects.ts';
import { copyObject, headOf, type OpenObject, openObject, readObject, readObjectRange, writeObject } from './object-file.ts';
import { openScratch, type Scratch } from './scratch.ts';
import { asStoreError, preconditionFailed, withStoreErrors } from './store-errors.ts';
import { readDownloadToken, readUploadToken, signDownloadToken, signUploadToken } from './upload-token.ts';

export interface FileStoreOptions {
  /** The root folder. Created if needed. Several processes may open it at once. */
  readonly directory: string;
  /** Maximum bytes of all objects, to simulate a small disk in tests. Each write measures the whole store. */
  readonly quotaBytes?: number;
  readonly clock: Clock;
}

export interface FileStore extends ObjectStore {
  /**
   * Accepts the body of a signed upload. Repeating an upload succeeds without any effect. Checks token and announced
   * length before reading the body, and streams the body to disk.
   * @throws ForbiddenError UPLOAD_TOKEN_INVALID, UPLOAD_EXPIRED; DataError UPLOAD_SIZE_MISMATCH,
   * UPLOAD_CHECKSUM_MISMATCH; any error of the body
   */
  acceptUpload(token: string, body: UploadBody): Promise<ObjectVersion>;
  /**
   * Opens the object of a signed download.
   * @throws ForbiddenError DOWNLOAD_TOKEN_INVALID, DOWNLOAD_EXPIRED; NotFoundError OBJECT_NOT_FOUND
   */
  openDownload(token: string): Promise<OpenObject>;
  /** Closes the files. All calls must have finished. */
  close(): void;
}

/** Returns the path of an object's file, for reading only. */
export function objectFile(directory: string, key: string): string {
  return pathOfKey(objectsFolder(directory), key);
}

function objectsFolder(directory: string): string {
  return join(directory, 'objects');
}

/**
 * Opens an ObjectStore of plain files. A write creates a temporary file, syncs it, and renames it under a lock, so that
 * a crash leaves either the old or the new version.
 * @returns the store; it keeps files open until it is closed
 * @example
 * ```ts
 * const store = openFileStore({ directory: '.graft/store', clock: systemClock });
 * await store.put('inputs/photo.jpg', bytes);
 * ```
 */
export function openFileStore({ directory, quotaBytes = Number.POSITIVE_INFINITY, clock }: FileStoreOptions): FileStore {
  const root = objectsFolder(directory);
  const { lock, scratch, secret } = openParts(directory);

  function pathOf(key: string): string {
    checkKey(key);
    return pathOfKey(root, key);
  }

  /** Creates a file with `make` and publishes it. Always removes incomplete files. */
  async function publish(
    key: string,
    make: (draft: string) => Promise<ObjectVersion>,
    condition?: PutCondition,
  ): Promise<ObjectVersion> {
    const path = pathOf(key);
    const draft = scratch.draft();
    try {
      const head = await make(draft);
      const changed = await lock.run(() => {
        const present = presentAt(key, path);
        expectCondition(key, present, condition);
        if (quotaBytes < Number.POSITIVE_INFINITY) expectRoom(key, bytesBelow(root) - (present?.size ?? 0) + head.size);
        return moveInto(draft, path);
      });
      await Promise.all(changed.map(syncFolder));
      return head;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  function expectRoom(key: string, needed: number): void {
    if (needed > quotaBytes) {
      throw new CapacityError('STORE_FULL', {
        at: key,
        expected: `at most ${quotaBytes} bytes in all`,
        received: needed,
        fix: 'delete objects that you no longer need',
        retryable: true,
      });
    }
  }

  const store: FileStore = {
    get: (key) => withStoreErrors(key, () => readObject(pathOf(key), key)),
    getRange: (key, start, end) => withStoreErrors(key, () => readObjectRange(pathOf(key), key, start, end)),
    head: (key) => withStoreErrors(key, async () => presentAt(key, pathOf(key))),
    list: (prefix, { after = '', limit = 1000 } = {}) => withStoreErrors(prefix, () => listObjects(root, prefix, after, limit)),

    put: (key, body, condition) =>
      withStoreErrors(key, () => {
        // Checked again under the lock. This early check avoids writing an object that cannot be published.
        if (condition !== undefined) expectCondition(key, presentAt(key, pathOf(key)), condition);
        return publish(key, (draft) => writeObject(draft, key, body), condition);
      }),

    copy: (from, to) =>
      withStoreErrors(from, async () => {
        const source = pathOf(from);
        await publish(to, (draft) => copyObject(source, draft, from));
      }),

    delete: (key, { before } = {}) =>
      withStoreErrors(key, async () => {
        const path = pathOf(key);
        const changed = await lock.run(() => {
          requireBefore(key, before, clock.now());
          return removeFrom(root, path);
        });
        await syncFolder(changed);
      }),

    async signUpload(key, { size, sha256, expiresInSeconds }) {
      checkKey(key);
      const expiresAt = clock.now().getTime() + Math.floor(expiresInSeconds * 1000);
      const token = signUploadToken({ key, size, sha256, expiresAt }, secret);
      return { method: 'PUT', url: `/v1/uploads/${token}`, headers: { 'content-length': String(size) } };
    },

    async signDownload(key, { expiresInSeconds }) {
      checkKey(key);
      const expiresAt = clock.now().getTime() + Math.floor(expiresInSeconds * 1000);
      return { method: 'GET', url: `/v1/downloads/${signDownloadToken({ key, expiresAt }, secret)}`, headers: {} };
    },

    async openDownload(token) {
      const { key } = readDownloadToken(token, secret, clock.now());
      const found = await withStoreErrors(key, () => openObject(pathOf(key), key));
      if (found !== undefined) return found;
      throw new NotFoundError('OBJECT_NOT_FOUND', {
        at: key,
        expected: 'an object',
        received: 'none',
        fix: 'request a new link',
      });
    },

    async acceptUpload(token, body) {
      const grant = readUploadToken(token, secret, clock.now());
      const { key, sha256 } = grant;
      return withStoreErrors(key, async () => {
        const chunks = checkedUpload(grant, body);
        try {
          return await publish(key, (draft) => writeObject(draft, key, chunks), { ifAbsent: true });
        } catch (error) {
          const present = error instanceof ConflictError ? presentAt(key, pathOf(key)) : undefined;
          if (present !== undefined && (await sha256OfFile(pathOf(key))) === sha256)
            return { key, size: present.size, etag: present.etag };
          throw error;
        }
      });
    },

    close() {
      scratch.close();
      lock.close();
    },
  };
  return store;
}

/**
 * Opens the folders of the store. Processes share the secret for signed uploads, which is created once and kept in the
 * directory.
 */
function openParts(directory: string) {
  try {
    mkdirSync(join(directory, 'objects'), { recursive: true });
    const lock = openFileLock(join(directory, 'lock'));
    return lock.runBlocking(() => {
      const scratch = openScratch(join(directory, 'scratch'));
      return { lock, scratch, secret: uploadSecret(join(directory, 'upload-secret'), scratch) };
    });
  } catch (error) {
    throw asStoreError(directory, error);
  }
}

function uploadSecret(file: string, scratch: Scratch): Uint8Array {
  if (!existsSync(file)) {
    const draft = scratch.draft();
    writeFileSync(draft, randomBytes(32), { mode: 0o600, flush: true });
    renameSync(draft, file);
  }
  return readFileSync(file);
}

function presentAt(key: string, path: string): ObjectHead | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && headOf(key, found);
}

function expectCondition(key: string, present: ObjectHead | undefined, condition: PutCondition | undefined): void {
  if (condition === undefined) return;
  const expected = 'ifMatch' in condition ? condition.ifMatch : undefined;
  if (present?.etag !== expected) throw preconditionFailed(key, present, condition);
}
