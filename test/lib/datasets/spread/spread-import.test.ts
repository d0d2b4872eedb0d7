/** Imports whose images functions check, part by part, against the same imports on one machine. */
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { UploadFile } from '../../../../lib/contracts/dataset.ts';
import type { QueueMessage } from '../../../../lib/contracts/queue-message.ts';
import { RULES } from '../../../../lib/datasets/checks/image-checks.ts';
import { type RunImportOptions, runImport } from '../../../../lib/datasets/run-import.ts';
import { workOnImportPart } from '../../../../lib/datasets/spread/check-part.ts';
import { completeDeadParts } from '../../../../lib/datasets/spread/complete-dead-parts.ts';
import { SEGMENT_CONTENTS, segmentDocument } from '../../../../lib/datasets/spread/found-checks.ts';
import { importOf } from '../../../../lib/datasets/spread/import-documents.ts';
import type { SpreadOptions } from '../../../../lib/datasets/spread/spread-checks.ts';
import { addFiles, completeUpload, createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import { writePart } from '../../../../lib/datasets/uploads/upload-parts.ts';
import { failUpload, readUpload } from '../../../../lib/datasets/uploads/upload-record.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import type { JobQueue, ObjectStore, World } from '../../../../lib/ports.ts';
import { readDocument } from '../../../../lib/store/documents.ts';
import { listKeys } from '../../../../lib/store/list-keys.ts';
import { beginCall, CALL_SECONDS } from '../../../../lib/store/parts/part-calls.ts';
import { storeKeys } from '../../../../lib/store/store-keys.ts';
import { imageNumber } from '../../../support/datasets/import-files.ts';
import { embeddedBucket } from '../../../support/datasets/source-buckets.ts';
import { uploadBytes } from '../../../support/datasets/upload.ts';
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
async function completedUpload(world: World, changed: Record<string, Uint8Array> = {}): Promise<string> {
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0.5 }, world);
  const listing: UploadFile[] = await uploadBytes(world.store, { ...(await files()), ...changed });
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

/** Imports, and tells which blobs that reads. */
async function joined(id: string, world: World, options: RunImportOptions = { spread }) {
  const read = new Set<string>();
  const store: ObjectStore = {
    ...world.store,
    get(key) {
      if (key.startsWith(storeKeys.blobs.prefix)) read.add(key);
      return world.store.get(key);
    },
  };
  return { ended: await runImport(id, { ...world, store }, options), read };
}

/** What an import leaves: the manifest, the record without time and upload, the report and the checks, as text. */
async function resultOf({ store }: World): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const prefix of ['datasets/', 'manifests/', 'reports/', 'checks/'])
    for await (const { key } of listKeys(store, prefix))
      found[key] = new TextDecoder().decode((await store.get(key))?.body).replaceAll(/"createdAt":"[^"]+"|upload-\w+-\w+/g, '');
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
  expect(await readUpload(id, world.store)).toMatchObject({ spread: shared, progress: { done: 11, total: 11 } });
  expect(await takeAll(world.queues.imports)).toEqual([{ type: 'import', upload: id, id: expect.any(String) }]);
  const { ended, read } = await joined(id, world);
  expect(ended).toMatchObject({ state: 'READY' });
  expect(read.size, 'the manifest, and no image').toBe(1);
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
  const ended = await readUpload(id, world.store);
  expect(ended.state).toBe('READY');
  for (const message of messages) if (message.type === 'check') await workOnImportPart(message, world, call);
  await runImport(id, world, { spread });
  expect(await readUpload(id, world.store)).toEqual(ended);
  expect(await resultOf(world)).toEqual(await importedAlone());
});

/** A store that throws at the first writes of a key. */
function failingAt(key: string, times: number, { store }: World): ObjectStore {
  let failures = 0;
  return {
    ...store,
    put: (written, body, condition) =>
      written === key && failures++ < times
        ? Promise.reject(new CapacityError('REQUESTS_THROTTLED', { at: key, retryable: true }))
        : store.put(written, body, condition),
  };
}

test('a part that fails too often is left out: its chain goes on, and the import checks only its images', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  const store = failingAt(importOf(id).checks(1, 0), Number.POSITIVE_INFINITY, world);
  const parts: number[] = [];
  for (let round = 0; round < 6; round++) {
    parts.push(...(await checkParts(world, { ...world, store })));
    await world.clock.advance(241);
  }
  expect(parts.toSorted()).toEqual([0, 1, 1, 1, 1, 2, 3, 4, 5]);
  expect(world.events.filter((event) => event === 'import.part-left-out')).toHaveLength(1);
  expect(await takeAll(world.queues.imports), 'one message').toEqual([{ type: 'import', upload: id, id: expect.any(String) }]);
  const { ended, read } = await joined(id, world);
  expect(ended).toMatchObject({ state: 'READY' });
  expect(read.size, 'two images, and the manifest').toBe(3);
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('after an error that may pass, a part waits for longer and longer', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  const store = failingAt(importOf(id).checks(1, 0), Number.POSITIVE_INFINITY, world);
  await checkParts(world, { ...world, store });
  for (const seconds of [60, 120, 240]) {
    await world.clock.advance(seconds - 1);
    expect(await checkParts(world, { ...world, store }), `before ${seconds} s`).toEqual([]);
    await world.clock.advance(1);
    expect((await checkParts(world, { ...world, store })).toSorted()).toContain(1);
  }
});

test('a call that fails after it has stored a segment does not count as a failure', async () => {
  const world = testWorld({ extractions: true });
  const names = Array.from({ length: SEGMENT_CONTENTS + 4 }, (_, number) => `${number}.png`);
  const listing = await uploadBytes(world.store, Object.fromEntries(names.map((name) => [name, Buffer.from(name)])));
  const { id } = await createUpload({ name: 'pictures', maxRefused: 1 }, world);
  await addFiles(id, listing, world);
  await completeUpload(id, { parts: 1, files: listing.length }, world);
  await runImport(id, world, { spread: { ...spread, contentsOfPart: names.length } });
  const store = failingAt(importOf(id).checks(0, 1), 4, world);
  for (let call = 0; call < 5; call++) {
    expect(await checkParts(world, { ...world, store })).toEqual([0]);
    await world.clock.advance(241);
  }
  expect(world.events).not.toContain('import.part-left-out');
  expect(await world.store.head(importOf(id).checks(0, 1))).toBeDefined();
});

test('an import that failed meanwhile, so that its parts did nothing, is continued by a redrive', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  const [first, ...others] = await takeAll(world.queues.extractions);
  if (first?.type !== 'check') expect.fail();
  await workOnImportPart(first, world, call);
  const [second = expect.fail()] = others;
  await world.store.put(importOf(id).calls(1), new TextEncoder().encode('{"seconds":9,"failures":1}'));
  await failUpload(id, new CapacityError('REQUESTS_THROTTLED', { retryable: true }), world);
  for (const message of [...others, ...(await takeAll(world.queues.extractions))])
    if (message.type === 'check') await workOnImportPart(message, world, call);
  expect(second).toMatchObject({ part: 1 });
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'IMPORTING' });
  expect((await checkParts(world)).toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'READY' });
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('a copy of the message of an import sends no part whose call is at work', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  await takeAll(world.queues.extractions);
  await beginCall(importOf(id), 1, world.store, world.clock);
  await runImport(id, world, { spread });
  const sent = await takeAll(world.queues.extractions);
  expect(sent.map((message) => message.type === 'check' && message.part).toSorted()).toEqual([0, 2]);
});

test('if all parts are complete, the import ends although nobody has recorded it', async () => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  for (let part = 0; part < 6; part++) await world.store.put(importOf(id).done(0, part), new Uint8Array());
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'READY' });
  expect(await resultOf(world)).toEqual(await importedAlone());
});

type Segment = z.infer<typeof segmentDocument.schema>;
const wrong = { width: 1, height: 1 };
const timeout = { code: 'IMAGE_DECODE_TIMEOUT', message: 'it took too long' };

test.each<[string, (segment: Segment, key: string, store: ObjectStore) => Promise<unknown>]>([
  [
    'made by other rules',
    async (segment, key, store) => {
      await store.delete(key);
      const changed = segment.map((one) => ({ ...one, check: wrong }));
      await store.put(key.replace(`found/${RULES}/`, `found/${RULES - 1}/`), new TextEncoder().encode(JSON.stringify(changed)));
    },
  ],
  [
    'that may end differently on another machine',
    async (segment, key, store) => {
      const changed: Segment = segment.map((one) => ({ ...one, check: timeout, work: 'none' }));
      await store.put(key, new TextEncoder().encode(JSON.stringify(changed)));
    },
  ],
])('the import makes checks %s again', async (_, change) => {
  const world = testWorld({ extractions: true });
  const id = await completedUpload(world);
  await runImport(id, world, { spread });
  await checkParts(world);
  for (let part = 0; part < 6; part++) {
    const key = importOf(id).checks(part, 0);
    await change((await readDocument(world.store, segmentDocument, key)) ?? expect.fail(), key, world.store);
  }
  expect(await runImport(id, world, { spread })).toMatchObject({ state: 'READY' });
  expect(await resultOf(world)).toEqual(await importedAlone());
});

test('if the manifest also names images that stay in S3, the checks of the sent ones count', async () => {
  const bucket = embeddedBucket('photographs');
  await bucket.put('far.png', await imageNumber(50));
  const manifest = Buffer.from(
    [
      'path,label',
      ...Array.from({ length: 9 }, (_, number) => `pictures/${number}.png,${number % 2 ? 'odd' : 'even'}`),
      's3://photographs/far.png,odd',
    ].join('\n'),
  );
  const results = [];
  for (const extractions of [true, false]) {
    const world = { ...testWorld({ extractions }), buckets: bucket.buckets };
    const id = await completedUpload(world, { 'manifest.csv': manifest });
    if (extractions) {
      await runImport(id, world, { spread });
      await checkParts(world);
    }
    const { ended, read } = await joined(id, world, extractions ? { spread } : {});
    expect(ended.error, JSON.stringify(ended.error)).toBeUndefined();
    expect(read.size).toBe(extractions ? 1 : 11);
    results.push(await resultOf(world));
  }
  expect(results[0]).toEqual(results[1]);
});

test('if the messages of parts are dead letters, the import checks their images; each is followed by its next', async () => {
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
  expect(
    next.map((message) => message.type === 'check' && message.part),
    'each chain goes on',
  ).toEqual([3, 4, 5]);
  for (const message of next) if (message.type === 'check') await workOnImportPart(message, world, call);
  expect(await takeAll(world.queues.imports)).toEqual([{ type: 'import', upload: id, id: expect.any(String) }]);
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
