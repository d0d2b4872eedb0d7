import { describe, expect, test } from 'vitest';
import { runImport } from '../../../../lib/datasets/run-import.ts';
import {
  importMark,
  markImport,
  QUIET_IMPORT_SECONDS,
  resendLostImports,
} from '../../../../lib/datasets/uploads/running-imports.ts';
import { addFiles, completeUpload, createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import { endUpload, failUpload, readUpload } from '../../../../lib/datasets/uploads/upload-record.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import type { World } from '../../../../lib/ports.ts';
import { newId } from '../../../../lib/store/new-id.ts';
import { imageNumber } from '../../../support/datasets/import-files.ts';
import { embeddedBucket } from '../../../support/datasets/source-buckets.ts';
import { uploadBytes } from '../../../support/datasets/upload.ts';
import { testWorld } from '../../../support/world.ts';

const busy = new CapacityError('STORE_BUSY', { expected: 'a store', received: 'a busy one', fix: 'wait', retryable: true });

/** An upload of one image whose import is queued. */
async function queuedImport() {
  const world = testWorld();
  const { store, queues } = world;
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0 }, world);
  const files = await uploadBytes(store, { 'red/1.png': await imageNumber(1) });
  await addFiles(id, files, world);
  await completeUpload(id, { parts: 1, files: 1 }, world);
  /** Takes all messages of the queue. @returns how many they were */
  const take = async () => {
    const deliveries = await queues.imports.receive({ max: 10, visibilitySeconds: 30 });
    for (const { receipt } of deliveries) await queues.imports.acknowledge(receipt);
    return deliveries.length;
  };
  const isMarked = async () => (await store.head(importMark(id))) !== undefined;
  return { world, id, take, isMarked };
}

test('an import whose message is lost is sent again once nothing has happened to it for twenty minutes, and then waits as long', async () => {
  const { world, take } = await queuedImport();
  expect(await take()).toBe(1);
  await world.clock.advance(QUIET_IMPORT_SECONDS - 1);
  await resendLostImports(world);
  expect(await take()).toBe(0);
  await world.clock.advance(1);
  await resendLostImports(world);
  await resendLostImports(world);
  expect(await take()).toBe(1);
  await world.clock.advance(QUIET_IMPORT_SECONDS);
  await resendLostImports(world);
  expect(await take()).toBe(1);
});

test('a delivery shows that the message is not lost, also if its import fails', async () => {
  const { world, id, take } = await queuedImport();
  await take();
  await world.clock.advance(QUIET_IMPORT_SECONDS - 1);
  const { store } = world;
  const broken = { ...world, store: { ...store, list: () => Promise.reject(busy) } };
  await expect(runImport(id, broken)).rejects.toThrow();
  await world.clock.advance(QUIET_IMPORT_SECONDS - 1);
  await resendLostImports(world);
  expect(await take()).toBe(0);
});

test('the mark of an import goes when it has ended, and stays while it may be retried', async () => {
  const finished = await queuedImport();
  await runImport(finished.id, finished.world);
  const retryable = await queuedImport();
  await failUpload(retryable.id, busy, retryable.world);
  const failed = await queuedImport();
  await endUpload(failed.id, new Error('ended'), failed.world);
  for (const { world } of [finished, retryable, failed]) {
    await world.clock.advance(QUIET_IMPORT_SECONDS);
    await resendLostImports(world);
  }
  expect(await Promise.all([finished, retryable, failed].map(({ isMarked }) => isMarked()))).toEqual([false, true, false]);
  expect(await retryable.take(), 'only its own message').toBe(1);
});

describe('a process that dies right after the record says that the upload is imported', () => {
  /** The world of a process that dies after that write. */
  function dying(world: World): World {
    let isDead = false;
    const put: World['store']['put'] = async (key, body, condition) => {
      if (isDead) throw new Error('died');
      const written = await world.store.put(key, body, condition);
      isDead = key.startsWith('uploads/') && new TextDecoder().decode(body).includes('IMPORTING');
      if (isDead) throw new Error('died');
      return written;
    };
    return { ...world, store: { ...world.store, put } };
  }

  test.each<[string, (id: string, world: World) => Promise<unknown>]>([
    [
      'an upload',
      async (id, world) => {
        await createUpload({ name: 'pictures', maxRefused: 0 }, world, id);
        await addFiles(id, await uploadBytes(world.store, { 'red/1.png': await imageNumber(1) }), world);
        await completeUpload(id, { parts: 1, files: 1 }, world);
      },
    ],
    ['images in S3', (id, world) => createUpload({ name: 'pictures', maxRefused: 0, source: 's3://photos/2030/' }, world, id)],
  ])('leaves an import that the tracker finds: %s', async (_, start) => {
    const plain = testWorld();
    const world = { ...plain, buckets: embeddedBucket('photos').buckets };
    const id = newId('upload', world.clock.now());
    await expect(start(id, dying(world))).rejects.toThrow('died');
    expect(await readUpload(id, world.store)).toMatchObject({ state: 'IMPORTING' });
    expect(await world.queues.imports.size()).toBe(0);
    await world.clock.advance(QUIET_IMPORT_SECONDS);
    await resendLostImports(world);
    expect(await world.queues.imports.size()).toBe(1);
  });
});

test('a mark whose record is yet to be written stays for a while', async () => {
  const world = testWorld();
  await markImport('upload-zd310wsts-0000000001', world);
  const isMarked = async () => (await world.store.head(importMark('upload-zd310wsts-0000000001'))) !== undefined;
  await resendLostImports(world);
  expect(await isMarked()).toBe(true);
  await world.clock.advance(QUIET_IMPORT_SECONDS + 1);
  await resendLostImports(world);
  expect(await isMarked()).toBe(false);
});

test('an import of external images is marked, too', async () => {
  const world = testWorld();
  const { buckets } = embeddedBucket('photos');
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0, source: 's3://photos/2030/' }, { ...world, buckets });
  expect(await world.store.head(importMark(id))).toBeDefined();
});
