/** Imports whose images functions check, part by part, against the same imports on one machine. */
import { expect, test } from 'vitest';
import type { UploadFile } from '../../../../lib/contracts/dataset.ts';
import type { QueueMessage } from '../../../../lib/contracts/queue-message.ts';
import { runImport } from '../../../../lib/datasets/run-import.ts';
import { workOnImportPart } from '../../../../lib/datasets/spread/check-part.ts';
import { completeDeadParts } from '../../../../lib/datasets/spread/complete-dead-parts.ts';
import { importOf } from '../../../../lib/datasets/spread/import-documents.ts';
import type { SpreadOptions } from '../../../../lib/datasets/spread/spread-checks.ts';
import { addFiles, completeUpload, createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import { writePart } from '../../../../lib/datasets/uploads/upload-parts.ts';
import { readUpload } from '../../../../lib/datasets/uploads/upload-record.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import type { JobQueue, ObjectStore, World } from '../../../../lib/ports.ts';
import { listKeys } from '../../../../lib/store/list-keys.ts';
import { CALL_SECONDS } from '../../../../lib/store/parts/part-calls.ts';
import { storeKeys } from '../../../../lib/store/store-keys.ts';
import { imageNumber } from '../../../support/import-files.ts';
import { uploadBytes } from '../../../support/upload.ts';
import { testWorld } from '../../../support/world.ts';

const call = { secondsLeft: () => CALL_SECONDS };
const shared = { functions: 3, seconds: 60, dollars: 0.1, reason: 'a test' };
const spread: SpreadOptions = { leastFiles: 2, contentsOfPart: 2, choose: () => shared };

/** Eleven contents in twelve files: images, a copy of one, a manifest, and a file that is no image. */
async function files(): Promise<Record<string, Uint8Array>> {
  const images = await Promise.all(Array.from({ length: 9 }, (_, number) => imageNumber(number)));
  const named = images.map((image, number) => [`pictures/${number}.png`, image] as const);
  const manifest = named.map(([path], number) => `${path},${number % 2 ? 'odd' : 'even'}`);
  return {
    ...Object.fromEntries(named),
    'pictures/copy.png': images[4] ?? expect.fail(),
    'pictures/broken.png': Buffer.from('no image'),
    'manifest.csv': Buffer.from(['path,label', ...manifest, 'pictures/copy.png,even'].join('\n')),
  };
}

/** A completed upload. @returns its id */
async function completedUpload(world: World): Promise<string> {
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0.5 }, world);
  const listing: UploadFile[] = await uploadBytes(world.store, await files());
  await addFiles(id, listing, world);
  await completeUpload(id, { parts: 1, files: listing.length }, world);
  await takeAll(world.queues.imports);
  return id;
}

async function takeAll(queue: JobQueue | undefined): Promise<QueueMessage[]> {
  const taken: QueueMessage[] = [];
  for (const { message, receipt } of (await queue?.receive({ max: 10, visibilitySeconds: 360 })) ?? []) {
    taken.push(message);
    await queue?.acknowledge(receipt);
  }
  return taken;
}

/** Handles all messages of parts, and those that they send, the last one first. @returns the parts, in their order */
async function checkParts(world: World, handled: World = world): Promise<number[]> {
  const parts: number[] = [];
  for (let messages = await takeAll(world.queues.extractions); messages.length > 0; ) {
    const last = messages.pop();
    if (last?.type === 'check') {
      parts.push(last.part);
      await workOnImportPart(last, handled, call);
    }
    messages.push(...(await takeAll(world.queues.extractions)));
  }
  return parts;
}

/** What an import leaves: the manifest, the record without its time, the report and the checks, as text. */
async function resultOf({ store }: World): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const prefix of ['datasets/', 'manifests/', 'reports/', 'checks/'])
    for await (const { key } of listKeys(store, prefix))
      found[key] = new TextDecoder().decode((await store.get(key))?.body).replaceAll(/"createdAt":"[^"]+"/g, '');
  return found;
}

async function importedAlone(): Promise<Record<string, string>> {
  const world = testWorld();
  const id = await completedUpload(world);
  expect(await runImport(id, world)).toMatchObject({ state: 'READY', report: { accepted: 10 } });
  return resultOf(world);
}

test('functions check the parts in any order, and the import has the same bytes as on one machine', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'IMPORTING' });
  const parts = await checkParts(world);
  // Twelve files have eleven contents; three chains.
  expect(parts.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await readUpload(world.store, id)).toMatchObject({ spread: shared, progress: { done: 11, total: 11 } });
  expect(await takeAll(world.queues.imports)).toEqual([{ type: 'import', upload: id }]);
  const read: string[] = [];
  const store: ObjectStore = {
    ...world.store,
    get(key) {
      if (key.startsWith(storeKeys.blobs.prefix)) read.push(key);
      return world.store.get(key);
    },
  };
  expect(await runImport(id, { ...world, store }, { spread })).toMatchObject({ state: 'READY' });
  expect(new Set(read).size, 'the manifest, and no image').toBe(1);
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('copies of messages, also late ones, change nothing', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  for (let copy = 0; copy < 2; copy++) await runImport(id, world, { spread });
  const messages = await takeAll(world.queues.extractions);
  for (const message of [...messages, ...messages]) if (message.type === 'check') await workOnImportPart(message, world, call);
  await checkParts(world);
  await runImport(id, world, { spread });
  const ended = await readUpload(world.store, id);
  expect(ended.state).toBe('READY');
  for (const message of messages) if (message.type === 'check') await workOnImportPart(message, world, call);
  await runImport(id, world, { spread });
  expect(await readUpload(world.store, id)).toEqual(ended);
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('a part without time for a segment is tried again, and one that fails too often leaves the import to one function', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  const failing: ObjectStore = {
    ...world.store,
    put: (key, body, condition) =>
      key.startsWith(importOf(id).checks(1, 0))
        ? Promise.reject(new CapacityError('REQUESTS_THROTTLED', { at: key, retryable: true }))
        : world.store.put(key, body, condition),
  };
  for (let round = 0; round < 6; round++) {
    await checkParts(world, { ...world, store: failing });
    await world.clock.advance(11);
  }
  expect(world.events).toContain('import.alone');
  expect(await takeAll(world.queues.imports), 'one message').toEqual([{ type: 'import', upload: id }]);
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'READY' });
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('if the messages of parts are dead letters, one function imports; a complete part is followed by its next', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  while (((await world.queues.extractions?.size()) ?? 0) > 0) {
    await world.queues.extractions?.receive({ max: 10, visibilitySeconds: 1 });
    await world.clock.advance(2);
  }
  await world.store.put(importOf(id).done(0, 0), new Uint8Array());
  await completeDeadParts((await world.queues.extractions?.deadLetters()) ?? [], world);
  const next = await takeAll(world.queues.extractions);
  expect(next).toEqual([{ type: 'check', upload: id, part: 3 }]);
  expect(await takeAll(world.queues.imports)).toEqual([{ type: 'import', upload: id }]);
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'READY' });
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('a part of the listing that arrives after the division changes no check of the others', async () => {
  const late = { 'pictures/late.png': await imageNumber(77) };
  const [world, alone] = [testWorld({ extractions: true }), testWorld()];
  for (const one of [world, alone]) {
    const id = await completedUpload(one);
    if (one === world) await runImport(id, one, { spread });
    await checkParts(one);
    await writePart(id, 'listed', await uploadBytes(one.store, late), one.store);
    expect(await runImport(id, one, { spread: one === world ? spread : undefined })).toMatchObject({ state: 'READY' });
  }
  expect(await resultOf(world)).toEqual(await resultOf(alone));
});

test('the parts of an upload that has ended do nothing', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  expect(await runImport(id, world), 'by a version without functions').toMatchObject({ state: 'READY' });
  await checkParts(world);
  expect((await world.store.list(importOf(id).prefix)).objects.map(({ key }) => key)).not.toContain(importOf(id).checks(0, 0));
});

test('a small upload, and one for which the rule finds functions not worthwhile, is imported at once', async () => {
  for (const options of [
    { ...spread, leastFiles: 13 },
    { ...spread, choose: () => undefined },
  ]) {
    const world = testWorld({ extractions: true });
    const id = await completedUpload(world);
    expect(await runImport(id, world, { spread: options })).toMatchObject({ state: 'READY' });
    expect(await world.queues.extractions?.size()).toBe(0);
  }
});
