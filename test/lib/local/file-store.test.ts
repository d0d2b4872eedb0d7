import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FileStore, type FileStoreOptions, openFileStore } from '../../../lib/local/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { objectStoreContract } from '../../support/port-contracts.ts';

objectStoreContract('a folder of files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'graft-test-'));
  const store = openFileStore({ directory, clock: manualClock() });
  return {
    store,
    upload: ({ url }, body) =>
      store.acceptUpload(tokenOf(url), body).then(
        () => true,
        () => false,
      ),
    async dispose() {
      store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('a folder of files', () => {
  it('refuses keys that are no path within the store', async () => {
    const store = openStore();
    const keys = ['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a/..', 'a\0b', '\ud800', 'x'.repeat(1025)];
    for (const key of keys) {
      const refusal = { name: 'SpecError', code: 'OBJECT_KEY_INVALID', received: key };
      await expect(store.put(key, Buffer.from('?'))).rejects.toMatchObject(refusal);
      await expect(store.get(key)).rejects.toMatchObject(refusal);
      await expect(store.delete(key)).rejects.toMatchObject(refusal);
    }
    expect(await store.list('')).toEqual({ objects: [], more: false });
  });

  it('gives every version another ETag, be they written at once and alike', async () => {
    const store = openStore();
    const heads = await Promise.all(Array.from({ length: 200 }, () => store.put('same', Buffer.from('same'))));
    expect(new Set(heads.map(({ etag }) => etag)).size).toBe(200);
  });

  it('reads an ETag and a body that belong together while others replace the object', async () => {
    const store = openStore();
    const versions = new Map<string, string>();
    let isWriting = true;
    const writing = Promise.all(
      Array.from({ length: 200 }, async (_, version) => {
        const body = `${version}:`.repeat(version);
        versions.set((await store.put('a', Buffer.from(body))).etag, body);
      }),
    ).finally(() => {
      isWriting = false;
    });
    const read: { body: Uint8Array; etag: string }[] = [];
    while (isWriting) read.push(...(await Promise.all([store.get('a'), store.get('a')])).filter((found) => found !== undefined));
    await writing;
    expect(read.length).toBeGreaterThan(0);
    for (const { body, etag } of read) expect(Buffer.from(body).toString()).toBe(versions.get(etag));
  });

  it('leaves no empty folder behind a deleted object', async () => {
    const directory = temporaryFolder();
    const store = openStore({ directory });
    await store.put('a/b/c/d', Buffer.from('1'));
    await store.put('a/x', Buffer.from('2'));
    await store.delete('a/b/c/d');
    expect(readdirSync(join(directory, 'objects'), { recursive: true })).toEqual(['a+', join('a+', 'x')]);
    await store.put('a/b/c/d', Buffer.from('3'));
    expect((await store.list('a/b/')).objects).toHaveLength(1);
  });

  it('shares the bytes of a copy', async () => {
    const directory = temporaryFolder();
    const store = openStore({ directory });
    await store.put('from', Buffer.alloc(1000));
    await store.copy('from', 'to');
    await store.copy('from', 'to');
    await store.copy('to', 'to');
    const [from, to] = ['from', 'to'].map((name) => statSync(join(directory, 'objects', name)));
    expect(to?.ino).toBe(from?.ino);
    expect(filesIn(join(directory, 'scratch'))).toEqual(['alive']);
  });

  it('does not list files that somebody else put there', async () => {
    const directory = temporaryFolder();
    const store = openStore({ directory });
    await store.put('notes', Buffer.from('mine'));
    mkdirSync(join(directory, 'objects', 'Thumbs'));
    for (const name of ['.DS_Store', 'A', 'x%', 'x%zz', '%61', 'Thumbs/db'])
      writeFileSync(join(directory, 'objects', name), 'theirs');
    expect((await store.list('')).objects.map(({ key }) => key)).toEqual(['notes']);
  });

  it('reads nothing outside of the folder of a prefix', async () => {
    const directory = temporaryFolder();
    const store = openStore({ directory });
    await store.put('here/1', Buffer.from('1'));
    // Reading this one would fail: it is named as a folder is, and is none.
    writeFileSync(join(directory, 'objects', 'there+'), '');
    expect((await store.list('here/')).objects).toHaveLength(1);
    expect((await store.list('he')).objects).toHaveLength(1);
    await expect(store.list('')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('says what is wrong with the folder when it cannot work', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => openFileStore({ directory: file, clock: manualClock() })).toThrow(
      expect.objectContaining({ name: 'RuntimeError', code: 'STORE_FAILED', at: file }),
    );
  });
});

describe('a full store', () => {
  it('refuses what does not fit, keeps what it had, and leaves nothing half written', async () => {
    const directory = temporaryFolder();
    const store = openStore({ directory, quotaBytes: 100 });
    await store.put('a', Buffer.alloc(60));
    const full = { name: 'CapacityError', code: 'STORE_FULL' };
    await expect(store.put('b', Buffer.alloc(41))).rejects.toMatchObject(full);
    await expect(store.put('a', Buffer.alloc(101))).rejects.toMatchObject(full);
    await expect(store.copy('a', 'b')).rejects.toMatchObject(full);
    expect((await store.list('')).objects).toMatchObject([{ key: 'a', size: 60 }]);
    expect(filesIn(join(directory, 'scratch'))).toEqual(['alive']);
    expect(readdirSync(join(directory, 'objects'))).toEqual(['a']);
  });

  it('counts what is replaced and deleted as free', async () => {
    const store = openStore({ quotaBytes: 100 });
    await store.put('a', Buffer.alloc(60));
    await store.put('b', Buffer.alloc(40));
    await store.put('a', Buffer.alloc(50));
    await store.delete('b');
    await store.put('c/d', Buffer.alloc(50));
    await expect(store.put('e', Buffer.alloc(1))).rejects.toMatchObject({ code: 'STORE_FULL' });
  });
});

describe('a signed upload', () => {
  const body = Buffer.from('the image');
  const terms = { size: body.length, sha256: createHash('sha256').update(body).digest('hex'), expiresInSeconds: 60 };

  it('is an address of the API', async () => {
    const request = await openStore().signUpload('uploads/1', terms);
    expect(request).toMatchObject({ method: 'PUT', headers: { 'content-length': '9' } });
    expect(request.url).toMatch(/^\/v1\/uploads\/[\w.-]+$/);
  });

  it('expires', async () => {
    const clock = manualClock();
    const store = openStore({ clock });
    const { url } = await store.signUpload('uploads/1', terms);
    await clock.advance(59);
    await store.acceptUpload(tokenOf(url), body);
    await clock.advance(1);
    await expect(store.acceptUpload(tokenOf(url), body)).rejects.toMatchObject({
      name: 'ForbiddenError',
      code: 'UPLOAD_EXPIRED',
    });
  });

  it('may be sent again, and does not undo what came after it', async () => {
    const store = openStore();
    const token = tokenOf((await store.signUpload('uploads/1', terms)).url);
    const first = await store.acceptUpload(token, body);
    expect(await store.acceptUpload(token, body)).toEqual(first);
    await store.put('uploads/1', Buffer.from('something newer'));
    await expect(store.acceptUpload(token, body)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });

  it.each([
    ['UPLOAD_SIZE_MISMATCH', 'the image!'],
    ['UPLOAD_CHECKSUM_MISMATCH', 'the imagE'],
  ])('refuses other bytes: %s', async (code, other) => {
    const store = openStore();
    const token = tokenOf((await store.signUpload('uploads/1', terms)).url);
    await expect(store.acceptUpload(token, Buffer.from(other))).rejects.toMatchObject({
      name: 'DataError',
      code,
      at: 'uploads/1',
    });
  });

  it('may be signed by one process and taken by another, but not by another store', async () => {
    const directory = temporaryFolder();
    const [here, there] = [openStore({ directory }), openStore({ directory })];
    const token = tokenOf((await here.signUpload('uploads/1', terms)).url);
    expect(await there.acceptUpload(token, body)).toMatchObject({ key: 'uploads/1', size: 9 });
    await expect(openStore().acceptUpload(token, body)).rejects.toMatchObject({ code: 'UPLOAD_TOKEN_INVALID' });
    expect(statSync(join(directory, 'upload-secret'))).toMatchObject({ size: 32, mode: 0o100600 });
  });

  it.each([
    { ...terms, size: -1 },
    { ...terms, size: 1.5 },
    { ...terms, sha256: 'abc' },
    { ...terms, expiresInSeconds: Number.NaN },
  ])('is not signed for terms that make no sense: %o', async (wrong) => {
    await expect(openStore().signUpload('uploads/1', wrong)).rejects.toMatchObject({ name: 'SpecError', code: 'UPLOAD_INVALID' });
  });
});

function openStore(options: Partial<FileStoreOptions> = {}): FileStore {
  const store = openFileStore({ directory: options.directory ?? temporaryFolder(), clock: manualClock(), ...options });
  onTestFinished(() => store.close());
  return store;
}

function tokenOf(url: string): string {
  return url.replace('/v1/uploads/', '');
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
