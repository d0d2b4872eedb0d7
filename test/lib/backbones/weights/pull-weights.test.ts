import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DownloadProgress } from '../../../../lib/backbones/weights/download.ts';
import { type PullOptions, pullWeights } from '../../../../lib/backbones/weights/pull-weights.ts';
import { findOfficialWeights, openWeights } from '../../../../lib/backbones/weights/stored-weights.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { randomStream } from '../../../../lib/random.ts';
import { file, serve, status } from '../../../support/browser/file-server.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const h5 = readFileSync(new URL('../../../fixtures/h5/tiny_plain.h5', import.meta.url));
const hex = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');
const md5 = (bytes: Uint8Array): string => `md5:${hex('md5', bytes)}`;
const noise = (length: number, seed: number): Uint8Array => {
  const { integer } = randomStream(seed, 'file');
  return Uint8Array.from({ length }, () => integer(256));
};

function newStore(): ObjectStore {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  onTestFinished(() => store.close());
  return store;
}

const keysOf = async (store: ObjectStore) => (await store.list('')).objects.map(({ key }) => key);
const options = (store: ObjectStore, more: Partial<PullOptions> = {}): PullOptions => ({ store, pause: async () => {}, ...more });
const name = 'weights.h5';

describe('pullWeights', () => {
  it('stores a file under its hash, and a pointer under its name; the second time nothing travels', async () => {
    const [store, server] = [newStore(), await serve(file(h5))];
    const official = { name, url: server.url, size: h5.length, hash: md5(h5) };
    const progress: DownloadProgress[] = [];
    const stored = await pullWeights(official, options(store, { onProgress: (step) => progress.push(step) }));
    expect(stored).toEqual({ name, url: server.url, hash: md5(h5), size: h5.length, sha256: hex('sha256', h5) });
    expect(await keysOf(store)).toEqual([`weights/official/${name}.json`, `weights/sha256/${stored.sha256}`]);
    expect(progress[0]).toEqual({ received: 0, total: h5.length });
    expect(progress.at(-1)).toEqual({ received: h5.length, total: h5.length });
    expect(await pullWeights(official, options(store))).toEqual(stored);
    expect(server.ranges).toHaveLength(1);
    expect((await openWeights(stored, store)).layers.map((layer) => layer.name)).toContain('separable');
  });

  it('takes up a broken connection where it broke', async () => {
    const bytes = noise(300_000, 1);
    const server = await serve(file(bytes, { breakAfter: 100_000 }), status(503), file(bytes));
    const store = newStore();
    await pullWeights({ name, url: server.url, hash: md5(bytes) }, options(store));
    expect(server.ranges[0]).toBeUndefined();
    const [, second, third] = server.ranges.map((range) => Number(/\d+/.exec(range ?? '')?.[0]));
    expect(second).toBeGreaterThan(0);
    expect(third).toBe(second);
    expect(await keysOf(store)).toHaveLength(2);
  });

  it('leaves what came of a failed download for the next one, and nothing that looks like weights', async () => {
    const bytes = noise(300_000, 2);
    const store = newStore();
    const server = await serve(file(bytes, { breakAfter: 200_000 }), ...Array(4).fill(status(500)), file(bytes));
    const official = { name, url: server.url, hash: md5(bytes) };
    await expect(pullWeights(official, options(store))).rejects.toMatchObject({
      code: 'WEIGHTS_DOWNLOAD_FAILED',
      received: 'status 500',
      retryable: true,
    });
    const left = await keysOf(store);
    expect(left.length).toBeGreaterThan(0);
    expect(left.every((key) => key.startsWith('weights/incomplete/'))).toBe(true);
    expect(await findOfficialWeights(official, store)).toBeUndefined();
    const stored = await pullWeights(official, options(store));
    expect(server.ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
    expect(stored.sha256).toBe(hex('sha256', bytes));
    expect(await keysOf(store)).toEqual([`weights/official/${name}.json`, `weights/sha256/${stored.sha256}`]);
  });

  it('starts over where the file has changed meanwhile', async () => {
    const [old, fresh] = [noise(200_000, 3), noise(210_000, 4)];
    const server = await serve(file(old, { etag: '"old"', breakAfter: 90_000 }), file(fresh, { etag: '"fresh"' }));
    const stored = await pullWeights({ name, url: server.url, hash: md5(fresh) }, options(newStore()));
    expect(stored.sha256).toBe(hex('sha256', fresh));
  });

  it.each([
    { what: 'knows no ranges', answer: { ranges: false } },
    { what: 'names no version of the file', answer: { etag: '' } },
  ])('starts over where the server $what', async ({ answer }) => {
    const bytes = noise(200_000, 5);
    const server = await serve(file(bytes, { ...answer, breakAfter: 90_000 }), file(bytes, answer));
    const stored = await pullWeights({ name, url: server.url, hash: md5(bytes) }, options(newStore()));
    expect(stored.sha256).toBe(hex('sha256', bytes));
  });

  it('stops when it is told to, and goes on from there', async () => {
    const bytes = noise(400_000, 6);
    const [store, server] = [newStore(), await serve(file(bytes))];
    const official = { name, url: server.url, hash: md5(bytes) };
    const stop = new AbortController();
    const onProgress = ({ received }: DownloadProgress) => received > 0 && stop.abort(new Error('enough'));
    await expect(pullWeights(official, options(store, { signal: stop.signal, onProgress }))).rejects.toThrow('enough');
    expect(await findOfficialWeights(official, store)).toBeUndefined();
    await pullWeights(official, options(store));
    expect(server.ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('ends with the reason, also if it is told to stop between two attempts', async () => {
    const server = await serve(status(503));
    const stop = new AbortController();
    const pause = async () => {
      stop.abort(new Error('enough'));
      throw new DOMException('This operation was aborted', 'AbortError');
    };
    const pulled = pullWeights({ name, url: server.url }, options(newStore(), { signal: stop.signal, pause }));
    await expect(pulled).rejects.toThrow('enough');
  });

  it('asks for nothing twice of a download that was whole when the process ended', async () => {
    const bytes = Buffer.alloc(8 * 2 ** 20, 'weights');
    const [store, server] = [newStore(), await serve(file(bytes))];
    const official = { name, url: server.url, hash: md5(bytes) };
    const put: ObjectStore['put'] = (key, ...rest) =>
      key.startsWith('weights/sha256/') ? Promise.reject(new Error('killed')) : store.put(key, ...rest);
    await expect(pullWeights(official, options({ ...store, put }))).rejects.toThrow('killed');
    const progress: DownloadProgress[] = [];
    await pullWeights(official, options(store, { onProgress: (step) => progress.push(step) }));
    expect(progress).toEqual([{ received: bytes.length, total: bytes.length }]);
    expect(server.ranges[1]).toBe(`bytes=${bytes.length}-`);
  });

  it.each([
    { what: 'a hash that differs', official: { hash: `md5:${'0'.repeat(32)}` }, code: 'WEIGHTS_HASH_MISMATCH' },
    { what: 'another size', official: { size: 5 }, code: 'WEIGHTS_SIZE_MISMATCH' },
  ])('keeps nothing of a file with $what', async ({ official, code }) => {
    const [store, server] = [newStore(), await serve(file(h5))];
    await expect(pullWeights({ name, url: server.url, ...official }, options(store))).rejects.toMatchObject({ code });
    expect(await keysOf(store)).toEqual([]);
  });

  it('takes a page for no weights where the publisher gives no hash', async () => {
    const page = new TextEncoder().encode('<html>Sign in</html>');
    const [store, server] = [newStore(), await serve(file(page), file(h5))];
    const official = { name, url: server.url };
    await expect(pullWeights(official, options(store))).rejects.toMatchObject({
      code: 'WEIGHTS_FORMAT_UNKNOWN',
      received: 'a web page',
    });
    expect(await keysOf(store)).toEqual([]);
    expect((await pullWeights(official, options(store))).sha256).toBe(hex('sha256', h5));
  });

  it('asks no second time where the server refuses', async () => {
    const server = await serve(status(404));
    await expect(pullWeights({ name, url: server.url }, options(newStore()))).rejects.toMatchObject({
      code: 'WEIGHTS_DOWNLOAD_FAILED',
      received: 'status 404',
      retryable: false,
    });
    expect(server.ranges).toHaveLength(1);
  });

  it('pulls again where the catalogue has another hash than before, or the content is gone', async () => {
    const [store, server] = [newStore(), await serve(file(h5))];
    const official = { name, url: server.url };
    const { sha256 } = await pullWeights(official, options(store));
    await pullWeights({ ...official, hash: md5(h5) }, options(store));
    await store.delete(`weights/sha256/${sha256}`);
    await pullWeights({ ...official, hash: md5(h5) }, options(store));
    expect(server.ranges).toHaveLength(3);
  });
});

describe('openWeights', () => {
  it('refuses content that has changed in the store, so that the next pull fetches it again', async () => {
    const [store, server] = [newStore(), await serve(file(h5))];
    const official = { name, url: server.url, hash: md5(h5) };
    const stored = await pullWeights(official, options(store));
    await store.put(
      `weights/sha256/${stored.sha256}`,
      h5.map((byte, i) => (i === 9000 ? byte ^ 1 : byte)),
    );
    await expect(openWeights(stored, store)).rejects.toMatchObject({ code: 'WEIGHTS_HASH_MISMATCH' });
    await expect(openWeights(stored, store)).rejects.toMatchObject({ code: 'WEIGHTS_NOT_FOUND' });
    await pullWeights(official, options(store));
    expect((await openWeights(stored, store)).format).toBe('keras-h5');
  });
});
