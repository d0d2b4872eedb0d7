import { describe, expect, it } from 'vitest';
import { type ImageCheck, openImageChecks } from '../../../../lib/datasets/checks/image-checks.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const size = { width: 3, height: 4 };
const refusal = { code: 'IMAGE_EMPTY', message: 'Image empty.' };

describe('openImageChecks', () => {
  it('finds in a store what was once added and flushed', async () => {
    const store = newStore();
    await addAll(store, { [sha256(0)]: size, [sha256(1)]: refusal, [sha256(40_000)]: size });
    const checks = openImageChecks(store);
    expect(await checks.find(sha256(0))).toEqual(size);
    expect(await checks.find(sha256(1))).toEqual(refusal);
    expect(await checks.find(sha256(40_000))).toEqual(size);
    expect(await checks.find(sha256(2))).toBeUndefined();
    expect(await checks.find(sha256(65_535))).toBeUndefined();
  });

  it('loses nothing when two imports add to the same page at once', async () => {
    const store = newStore();
    await Promise.all([
      addAll(store, { [sha256(0)]: size }),
      addAll(store, { [sha256(1)]: size }),
      addAll(store, { [sha256(2)]: size }),
    ]);
    const checks = openImageChecks(store);
    expect(await Promise.all([0, 1, 2, 3].map((number) => checks.find(sha256(number))))).toEqual([size, size, size, undefined]);
  });

  it('writes as it goes, so that a killed import loses little', async () => {
    const store = newStore();
    const checks = openImageChecks(store);
    for (let number = 0; number < 6000; number++) await checks.add(sha256(number * 10), size);
    const found = openImageChecks(store);
    expect(await found.find(sha256(0))).toEqual(size);
    expect(await found.find(sha256(10_000))).toEqual(size);
  });

  it('writes one object for a small import, and pages for what many of them have found', async () => {
    const { store, writes } = countingWrites(newStore());
    const few = (from: number) => Object.fromEntries(Array.from({ length: 900 }, (_, i) => [sha256(from + i * 70), size]));
    await addAll(store, few(0));
    expect(writes).toHaveLength(1);
    await addAll(store, few(1));
    expect(writes).toHaveLength(2);
    await addAll(store, few(2));
    expect(writes.length).toBeGreaterThan(60);
    const checks = openImageChecks(store);
    for (const from of [0, 1, 2]) expect(await checks.find(sha256(from + 70 * 450))).toEqual(size);
    expect(await checks.find(sha256(3))).toBeUndefined();
  });

  it('fails where the store does', async () => {
    const checks = openImageChecks({ ...newStore(), put: () => Promise.reject(new CapacityError('STORE_FULL')) });
    await checks.add(sha256(0), size);
    await expect(checks.flush()).rejects.toMatchObject({ code: 'STORE_FULL' });
  });

  it('reads each page once, and holds no more than two, when asked in order', async () => {
    const { store, reads } = countingReads(newStore());
    await addAll(store, Object.fromEntries(Array.from({ length: 2000 }, (_, check) => [sha256(check * 32), size])));
    reads.length = 0;
    const checks = openImageChecks(store);
    for (let number = 0; number < 65_536; number += 512) await checks.find(sha256(number));
    // 2,000 checks fill all pages but the last.
    expect(reads).toHaveLength(63);
    expect(new Set(reads).size).toBe(63);
  });
});

function newStore(): ObjectStore {
  return openFileStore({ directory: temporaryFolder(), clock: manualClock() });
}

/** A made-up SHA-256 at this place of 65,536. */
function sha256(place: number): string {
  return place.toString(16).padStart(4, '0').padEnd(64, '0');
}

async function addAll(store: ObjectStore, found: Readonly<Record<string, ImageCheck>>): Promise<void> {
  const checks = openImageChecks(store);
  for (const [key, check] of Object.entries(found)) await checks.add(key, check);
  await checks.flush();
}

function countingReads(store: ObjectStore): { store: ObjectStore; reads: string[] } {
  const reads: string[] = [];
  const get: ObjectStore['get'] = (key) => {
    reads.push(key);
    return store.get(key);
  };
  return { store: { ...store, get }, reads };
}

function countingWrites(store: ObjectStore): { store: ObjectStore; writes: string[] } {
  const writes: string[] = [];
  const put: ObjectStore['put'] = (key, ...rest) => {
    writes.push(key);
    return store.put(key, ...rest);
  };
  return { store: { ...store, put }, writes };
}
