import { expect, test } from 'vitest';
import { handleImportMessage } from '../../../../functions/import/import-message.ts';
import type { ImportMessage, QueueMessage } from '../../../../lib/contracts/queue-message.ts';
import { failDeadImports } from '../../../../lib/datasets/uploads/fail-dead-imports.ts';
import { importMessage } from '../../../../lib/datasets/uploads/running-imports.ts';
import { addFiles, completeUpload, createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import { readUpload } from '../../../../lib/datasets/uploads/upload-record.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import type { World } from '../../../../lib/ports.ts';
import { imageNumber } from '../../../support/datasets/import-files.ts';
import { uploadBytes } from '../../../support/datasets/upload.ts';
import { testWorld } from '../../../support/world.ts';

const never = new AbortController().signal;
const exhausted = { state: 'FAILED', error: { code: 'IMPORT_RETRIES_EXHAUSTED', fix: expect.stringContaining('graft doctor') } };

/** An upload of one image whose import is queued. Its dead letters are what the test puts there. */
async function queuedImport() {
  const plain = testWorld();
  const letters: QueueMessage[] = [];
  const imports = { ...plain.queues.imports, deadLetters: async () => letters };
  const world: World = { ...plain, queues: { ...plain.queues, imports } };
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0 }, world);
  await addFiles(id, await uploadBytes(plain.store, { 'red/1.png': await imageNumber(1) }), world);
  await completeUpload(id, { parts: 1, files: 1 }, world);
  const [delivery] = await imports.receive({ max: 1, visibilitySeconds: 30 });
  const first = (delivery ?? expect.fail()).message as ImportMessage;
  const deliver = (message: QueueMessage, given = world) => handleImportMessage({ message, receiveCount: 1 }, given, never);
  return { world, id, letters, first, deliver, read: () => readUpload(id, world.store) };
}

/** A process that dies in the middle: to the store, that is an import which stops. */
function dying(world: World): World {
  const busy = new CapacityError('STORE_BUSY', { expected: 'a store', received: 'a busy one', fix: 'wait', retryable: true });
  return { ...world, store: { ...world.store, list: () => Promise.reject(busy) } };
}

test('the dead letter of a message that found no function fails the import, and not once another message has begun it', async () => {
  const { world, id, letters, first, deliver, read } = await queuedImport();
  letters.push(first);
  expect(await failDeadImports(world)).toBe(1);
  expect(await read()).toMatchObject(exhausted);

  // A function takes the copy. While it works, the tracker reads the letter again.
  let ignored = 0;
  const get: World['store']['get'] = async (key) => {
    if (key.startsWith('uploads/') && (await world.store.head('datasets/pictures.json')) !== undefined)
      ignored += 1 - (await failDeadImports(world));
    return world.store.get(key);
  };
  await deliver(importMessage(id), { ...world, store: { ...world.store, get } });
  expect(ignored).toBeGreaterThan(0);
  expect(await read()).toMatchObject({ state: 'READY', report: { accepted: 1 } });
  expect(await read()).not.toHaveProperty('messageId');
});

test('the dead letter of the message whose process died fails the import', async () => {
  const { world, id, letters, first, deliver, read } = await queuedImport();
  await expect(deliver(first, dying(world))).rejects.toThrow();
  letters.push(importMessage(id));
  expect(await failDeadImports(world), 'the letter of another message').toBe(0);
  letters.push(first);
  expect(await failDeadImports(world)).toBe(1);
  expect(await read()).toMatchObject(exhausted);
});

test('the dead letter of an upload whose record is gone keeps no other import from its end', async () => {
  const { world, letters, first, read } = await queuedImport();
  letters.push(importMessage('upload-zd310wsts-0000000001'), first);
  expect(await failDeadImports(world)).toBe(1);
  expect(await read()).toMatchObject(exhausted);
});

test('messages of earlier versions, which have no id, fail and begin imports as before', async () => {
  const { world, id, letters, deliver, read } = await queuedImport();
  const message = { type: 'import', upload: id } as const;
  await expect(deliver(message, dying(world))).rejects.toThrow();
  letters.push(message);
  expect(await failDeadImports(world)).toBe(1);
  await deliver(message);
  expect(await read()).toMatchObject({ state: 'READY' });
});
