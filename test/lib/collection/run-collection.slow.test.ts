import { describe, expect, test } from 'vitest';
import { requestCollection } from '../../../lib/collection/request-collection.ts';
import { runCollection } from '../../../lib/collection/run-collection.ts';
import { openImageChecks } from '../../../lib/datasets/checks/image-checks.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { splitVersion } from '../../../lib/datasets/splits/split-version.ts';
import { addFiles, completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { changeUpload, readUpload } from '../../../lib/datasets/uploads/upload-record.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import { writeShard } from '../../../lib/features/feature-shard.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
import { listKeys } from '../../../lib/store/list-keys.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { putDataset, range, shaOf } from '../../support/datasets/put-dataset.ts';
import { testWorld } from '../../support/world.ts';

const HOUR = 3600;

async function left(prefix: string, { store }: Pick<World, 'store'>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listKeys(store, prefix)) keys.push(key);
  return keys;
}

const fileOf = (image: number) => ({ path: `a/${image}.png`, size: 1, sha256: shaOf(image) });

describe('what a deleted data set has left', () => {
  test('goes, but for what another has; of equal manifests all stays', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 10), world);
    await putDataset('same', range(0, 10), world);
    await putDataset('more', range(5, 20), world);
    expect(await deleteDataset('one', world)).toMatchObject({ dataset: 'one', versions: [expect.any(String)] });
    expect(await collectGarbage(world)).toMatchObject({ blobs: 0, manifests: 0 });
    await deleteDataset('same', world);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 5, manifests: 1 });
    expect(await left('blobs/', world)).toHaveLength(15);
    expect(await left('collection/marks/', world)).toEqual([]);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 0, manifests: 0 });
  });

  test('is collected by the message that the deletion sends; one that comes twice finds nothing', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 3), world);
    await deleteDataset('one', world);
    await world.clock.advance(10);
    const deliveries = await world.queues.imports.receive({ max: 10, visibilitySeconds: 600 });
    expect(deliveries.map(({ message }) => message)).toEqual([{ type: 'collect' }]);
    expect(await runCollection(world)).toMatchObject({ removed: { blobs: 3 }, stuck: 0 });
    expect(await runCollection(world)).toMatchObject({ removed: { blobs: 0 } });
    expect(world.events.filter((event) => event === 'collection.ended')).toHaveLength(2);
  });

  test('stays where whoever deleted it died before', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 3), world);
    const dying = {
      ...world.store,
      put: (...put: Parameters<ObjectStore['put']>) =>
        put[0].startsWith('datasets/') ? Promise.reject(new Error('died')) : world.store.put(...put),
    };
    await expect(deleteDataset('one', { ...world, store: dying })).rejects.toThrow('died');
    expect(await collectGarbage(world)).toMatchObject({ blobs: 0, manifests: 0 });
  });

  test('is removed a batch at a time where processes end, no image twice', async () => {
    const world = testWorld();
    await putDataset('many', range(0, 2100), world);
    await deleteDataset('many', world);
    const asked: string[] = [];
    const store = {
      ...world.store,
      delete: (...args: Parameters<ObjectStore['delete']>) => {
        asked.push(args[0]);
        return world.store.delete(...args);
      },
    };
    /** A process that is told to end as soon as it removes something. */
    const ending = () => {
      const controller = new AbortController();
      const remove = (...args: Parameters<ObjectStore['delete']>) => {
        controller.abort();
        return store.delete(...args);
      };
      return runCollection({ ...world, store: { ...store, delete: remove } }, { signal: controller.signal });
    };
    let calls = 0;
    for (let run: unknown; run === undefined; calls++) run = await ending();
    expect(calls).toBeGreaterThanOrEqual(3);
    expect(await left('blobs/', world)).toEqual([]);
    const images = asked.filter((key) => key.startsWith('blobs/'));
    expect(images).toHaveLength(new Set(images).size);
  });

  test('takes a process that has no time even for the references as a failure, and not as progress', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 3), world);
    await expect(runCollection(world, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'COLLECTION_INTERRUPTED',
      retryable: true,
    });
    expect(await left('blobs/', world)).toHaveLength(3);
  });
});

describe('an upload', () => {
  test('keeps what its parts name, however long it goes on and however many came after it', async () => {
    const world = testWorld();
    await putDataset('old', range(0, 26), world);
    const { id } = await createUpload({ name: 'slow', maxRefused: 0 }, world);
    for (let hour = 0; hour < 26; hour++) {
      expect((await addFiles(id, [fileOf(hour)], world)).uploads).toEqual([]);
      await world.clock.advance(HOUR);
    }
    for (const number of range(0, 101)) {
      const later = await createUpload({ name: `later-${number}`, maxRefused: 0 }, world);
      await changeUpload(later.id, world, (upload) => ({ ...upload, state: 'READY' }));
    }
    await deleteDataset('old', world);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 0, manifests: 1 });
    expect((await completeUpload(id, { parts: 26, files: 26 }, world)).state).toBe('IMPORTING');
  });

  test('that was abandoned is ended, and keeps nothing; another keeps its own', async () => {
    const world = testWorld();
    await putDataset('old', range(0, 3), world);
    const abandoned = await createUpload({ name: 'abandoned', maxRefused: 0 }, world);
    await addFiles(abandoned.id, [fileOf(0), fileOf(1)], world);
    await world.clock.advance(25 * HOUR);
    const open = await createUpload({ name: 'open', maxRefused: 0 }, world);
    await addFiles(open.id, [fileOf(1)], world);
    await deleteDataset('old', world);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 2, parts: 1 });
    expect(await left('blobs/', world)).toEqual([blobKey(shaOf(1))]);
    expect(await readUpload(abandoned.id, world.store)).toMatchObject({ state: 'FAILED', error: { code: 'UPLOAD_ABANDONED' } });
    await expect(addFiles(abandoned.id, [fileOf(2)], world)).rejects.toMatchObject({
      code: 'UPLOAD_COMPLETED',
      received: 'FAILED: UPLOAD_ABANDONED',
    });
    expect((await completeUpload(abandoned.id, { parts: 1, files: 2 }, world)).state).toBe('FAILED');
  });

  test('whose import waits keeps what it names for a week, also where it may be taken up again', async () => {
    const world = testWorld();
    const { id } = await createUpload({ name: 'waiting', maxRefused: 0 }, world);
    await addFiles(id, [fileOf(0)], world);
    await world.store.put(blobKey(shaOf(0)), new Uint8Array(1));
    await completeUpload(id, { parts: 1, files: 1 }, world);
    const error = { code: 'IMPORT_RETRIES_EXHAUSTED', message: 'It died.', retryable: true };
    await changeUpload(id, world, (upload) => ({ ...upload, state: 'FAILED', error }));
    await world.clock.advance(6 * 24 * HOUR);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 0 });
    await world.clock.advance(2 * 24 * HOUR);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 1, parts: 1 });
    expect(await readUpload(id, world.store)).toMatchObject({ state: 'FAILED', error: { ...error, retryable: false } });
  });

  test('that failed or is done leaves neither parts, nor files that no version has, nor checks of them', async () => {
    const world = testWorld();
    await putDataset('kept', [0], world);
    const checks = openImageChecks(world.store);
    for (const image of [0, 1]) await checks.add(shaOf(image), { width: 1, height: 1 });
    await checks.flush();
    const { id } = await createUpload({ name: 'refused', maxRefused: 0 }, world);
    await addFiles(id, [fileOf(0), fileOf(1)], world);
    await world.store.put(blobKey(shaOf(1)), new Uint8Array(1));
    expect(await collectGarbage(world)).toMatchObject({ blobs: 0, parts: 0, checks: 0 });
    await changeUpload(id, world, (upload) => ({ ...upload, state: 'FAILED', error: { code: 'TOO_MANY_REFUSED', message: '' } }));
    expect(await collectGarbage(world)).toMatchObject({ blobs: 1, parts: 1, checks: 1 });
    expect(await openImageChecks(world.store).find(shaOf(0))).toBeDefined();
    expect(await openImageChecks(world.store).find(shaOf(1))).toBeUndefined();
  });
});

describe('the record of an upload', () => {
  test('goes 30 days after its end, and that of an open upload stays', async () => {
    const world = testWorld();
    const ended = await createUpload({ name: 'ended', maxRefused: 0 }, world);
    await changeUpload(ended.id, world, (upload) => ({ ...upload, state: 'READY' }));
    await world.clock.advance(29 * 24 * HOUR);
    const open = await createUpload({ name: 'open', maxRefused: 0 }, world);
    expect(await collectGarbage(world)).toMatchObject({ uploads: 0 });
    await world.clock.advance(2 * 24 * HOUR);
    expect(await collectGarbage(world)).toMatchObject({ uploads: 1 });
    await expect(readUpload(ended.id, world.store)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await left('uploads/', world)).toEqual([`uploads/${open.id}.json`]);
  });
});

describe('what cannot be removed or read', () => {
  test('is told by name, and the rest goes', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 5), world);
    await deleteDataset('one', world);
    const told: unknown[] = [];
    const stuck = blobKey(shaOf(2));
    const store = {
      ...world.store,
      delete: (...args: Parameters<ObjectStore['delete']>) =>
        args[0] === stuck ? Promise.reject(new Error('permission denied')) : world.store.delete(...args),
    };
    const log = (event: string, values = {}) => void told.push({ event, ...values });
    expect(await runCollection({ ...world, store, log })).toMatchObject({ removed: { blobs: 4, manifests: 1 }, stuck: 1 });
    expect(told).toContainEqual(expect.objectContaining({ event: 'collection.stuck', key: stuck }));
    expect(await left('blobs/', world)).toEqual([stuck]);
  });

  test('where it is a manifest, no image goes that it may name; all else does', async () => {
    const world = testWorld();
    await putDataset('gone', range(0, 3), world);
    const digest = await putDataset('damaged', range(3, 6), world);
    await world.store.put(`manifests/${digest}.jsonl`, Buffer.from('{}\n'));
    await deleteDataset('gone', world);
    const told: unknown[] = [];
    const log = (event: string, values = {}) => void told.push({ event, ...values });
    expect(await runCollection({ ...world, log })).toMatchObject({ removed: { manifests: 1 } });
    expect(told).toContainEqual(expect.objectContaining({ event: 'collection.unreadable', key: `manifests/${digest}` }));
    expect(told).toContainEqual(expect.objectContaining({ event: 'collection.blocked', step: 'blobs' }));
    expect(await left('blobs/', world)).toHaveLength(6);
    // Whoever gives the damaged version up sets the others free.
    await deleteDataset('damaged', world);
    expect(await collectGarbage(world)).toMatchObject({ blobs: 6, manifests: 1 });
  });
});

test.each([
  ['a batch', 5],
  ['the first of two batches', 1500],
])('nothing goes where a record of a later version comes while %s is marked', async (_, images) => {
  const world = testWorld();
  await putDataset('one', range(0, images), world);
  await deleteDataset('one', world);
  const told: unknown[] = [];
  let marks = 0;
  const store = {
    ...world.store,
    put: async (...put: Parameters<ObjectStore['put']>) => {
      if (put[0].startsWith('collection/marks/')) {
        marks++;
        await world.store.put('datasets/new.json', Buffer.from('{"schemaVersion":99}'));
      }
      return world.store.put(...put);
    },
  };
  const log = (event: string, values = {}) => void told.push({ event, ...values });
  expect(await runCollection({ ...world, store, log })).toMatchObject({ removed: { blobs: 0, manifests: 0 }, stuck: 0 });
  const unreadable = ['datasets/new.json'];
  for (const step of ['blobs', 'manifests', 'features'])
    expect(told).toContainEqual(expect.objectContaining({ event: 'collection.blocked', step, unreadable }));
  expect(await left('blobs/', world)).toHaveLength(images);
  expect(await left('collection/marks/', world)).toEqual([]);
  expect(marks).toBe(1);
  await world.store.delete('datasets/new.json');
  expect(await collectGarbage(world)).toMatchObject({ blobs: images, manifests: 1 });
});

test('features go whose trunk is gone, or whose images no version has; a trunk without features goes after a month', async () => {
  const world = testWorld();
  await putDataset('kept', [0], world);
  const trunk = (digit: string) => digit.repeat(64);
  const shard = (images: readonly number[]) =>
    writeShard({ shape: [1], images: images.map(shaOf), data: new Float32Array(images.length) });
  const put = (key: string, body: Uint8Array = Buffer.from('{}')) => world.store.put(key, body);
  for (const digit of ['a', 'b']) await Promise.all([put(`trunks/${trunk(digit)}.json`), put(`trunks/${trunk(digit)}.onnx`)]);
  await put(`features/${trunk('a')}/${shaOf(1)}`, shard([0, 1]));
  await put(`features/${trunk('a')}/${shaOf(2)}`, shard([1, 2]));
  await put(`features/${trunk('a')}+augment1-0-seed0-1/${shaOf(2)}`, shard([1, 2]));
  await put(`features/${trunk('c')}/${shaOf(1)}`, shard([0]));
  await world.clock.advance(25 * HOUR);
  expect(await collectGarbage(world)).toMatchObject({ features: 3, trunks: 2 });
  expect(await left('features/', world)).toEqual([`features/${trunk('a')}/${shaOf(1)}`]);
  expect(await left('trunks/', world)).toEqual([`trunks/${trunk('a')}.json`, `trunks/${trunk('a')}.onnx`]);
});

test('sets of earlier versions go with the last version that descends from them', async () => {
  const world = testWorld();
  const digests: string[] = [];
  for (const size of [10, 20, 30]) digests.push(await putDataset('pets', range(0, size), world));
  const shares = { train: 0.7, validation: 0.1, test: 0.2 };
  for (const digest of digests) await splitVersion(await openDataset(`pets@${digest}`, world.store), shares, 0, world.store);
  const [first, second, third] = digests;
  const keys = await left('splits/', world);
  expect(keys.map((key) => key.slice(0, -65)).sort()).toEqual([`splits/${first}`, `splits/${second}`].sort());

  await deleteDataset(`pets@${first}`, world);
  await world.clock.advance(25 * HOUR);
  expect(await collectGarbage(world)).toMatchObject({ splits: 0 });
  await deleteDataset(`pets@${third}`, world);
  expect(await collectGarbage(world)).toMatchObject({ splits: 0 });
  await deleteDataset(`pets@${second}`, world);
  expect(await collectGarbage(world)).toMatchObject({ splits: 2, manifests: 2 });
  expect(await left('splits/', world)).toEqual([]);
});

describe('two collectors', () => {
  test('do not run at once: the second comes again when the first is done, once', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 3), world);
    await deleteDataset('one', world);
    await world.clock.advance(10);
    const [delivery] = await world.queues.imports.receive({ max: 1, visibilitySeconds: 600 });
    await world.queues.imports.acknowledge(delivery?.receipt ?? '');
    const others: unknown[] = [];
    let isFirst = true;
    const store = {
      ...world.store,
      delete: async (...args: Parameters<ObjectStore['delete']>) => {
        const wasFirst = isFirst;
        isFirst = false;
        if (wasFirst) others.push(await runCollection(world), await runCollection(world));
        await world.store.delete(...args);
      },
    };
    expect(await runCollection({ ...world, store })).toMatchObject({ removed: { blobs: 3 } });
    expect(others).toEqual([undefined, undefined]);
    expect(await world.queues.imports.size()).toBe(1);
    await world.clock.advance(121);
    expect(await world.queues.imports.receive({ max: 2, visibilitySeconds: 600 })).toMatchObject([
      { message: { type: 'collect' } },
    ]);
  });
});

test('a collection is asked for once a day', async () => {
  const world = testWorld();
  expect(await requestCollection(world)).toBe(true);
  expect(await requestCollection(world)).toBe(false);
  await world.clock.advance(24 * HOUR);
  expect(await requestCollection(world)).toBe(true);
  expect(await world.queues.imports.size()).toBe(2);
});

test('a collection whose message could not be sent is asked for again', async () => {
  const world = testWorld();
  let sends = 0;
  const imports = {
    ...world.queues.imports,
    send: (...sent: Parameters<World['queues']['imports']['send']>) =>
      ++sends === 1 ? Promise.reject(new Error('no route')) : world.queues.imports.send(...sent),
  };
  const flaky = { ...world, queues: { ...world.queues, imports } };
  await expect(requestCollection(flaky)).rejects.toThrow('no route');
  expect(await requestCollection(flaky)).toBe(true);
  expect(await requestCollection(flaky)).toBe(false);
  expect(await world.queues.imports.size()).toBe(1);
});

test.each([
  ['at a step', { step: 'future' }],
  ['that counts a step', { removed: { blobs: 1, future: 0 } }],
  ['with a member', { future: 0 }],
])('a collection %s that only a later version knows starts over', async (_, changed) => {
  const world = testWorld();
  await putDataset('one', range(0, 3), world);
  await deleteDataset('one', world);
  const run = { startedAt: new Date(0).toISOString(), step: 'trunks', after: 'z', removed: {}, stuck: 0, ...changed };
  await world.store.put('collection/state.json', Buffer.from(JSON.stringify({ run })));
  expect(await collectGarbage(world)).toMatchObject({ blobs: 3, manifests: 1 });
});
