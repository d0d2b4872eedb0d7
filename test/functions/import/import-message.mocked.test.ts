import { expect, test, vi } from 'vitest';
import { handleImportMessage } from '../../../functions/import/import-message.ts';
import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import { workOnImportPart } from '../../../lib/datasets/spread/check-part.ts';
import { addFiles, completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { readUpload } from '../../../lib/datasets/uploads/upload-record.ts';
import type { JobQueue, World } from '../../../lib/ports.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { uploadBytes } from '../../support/datasets/upload.ts';
import { testWorld } from '../../support/world.ts';

// The rule's own numbers would need thousands of images.
vi.mock('../../../lib/estimates/spread-import.ts', () => ({
  LEAST_FILES: 2,
  spreadImport: (_: unknown, most: number) => ({ functions: most, seconds: 1, dollars: 0, reason: 'a test' }),
}));

const never = new AbortController().signal;

async function uploadOfThree(world: World): Promise<QueueMessage> {
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0 }, world);
  const images = await Promise.all([1, 2, 3].map(async (number) => [`a/${number}.png`, await imageNumber(number)] as const));
  const files = await uploadBytes(world.store, Object.fromEntries(images));
  await addFiles(id, files, world);
  await completeUpload(id, { parts: 1, files: files.length }, world);
  return (await takeAll(world.queues.imports))[0] ?? expect.fail();
}

async function takeAll(queue: JobQueue | undefined): Promise<QueueMessage[]> {
  const deliveries = (await queue?.receive({ max: 10, visibilitySeconds: 360 })) ?? [];
  for (const { receipt } of deliveries) await queue?.acknowledge(receipt);
  return deliveries.map(({ message }) => message);
}

test('in a deployment with functions, a large import goes to them and comes back once', async () => {
  const world = { ...testWorld({ extractions: true }), maxFunctions: 3 };
  const message = await uploadOfThree(world);
  await handleImportMessage({ message, receiveCount: 1 }, world, never);
  expect(await takeAll(world.queues.imports), 'not while they are at work').toEqual([]);
  const parts = await takeAll(world.queues.extractions);
  expect(parts).toEqual([{ type: 'check', upload: expect.any(String), part: 0 }]);
  for (const part of parts) if (part.type === 'check') await workOnImportPart(part, world, { secondsLeft: () => 180 });
  expect(await takeAll(world.queues.imports)).toEqual([{ ...message, id: expect.any(String) }]);
  await handleImportMessage({ message, receiveCount: 1 }, world, never);
  const { state, report } = await readUpload(message.type === 'import' ? message.upload : '', world.store);
  expect({ state, accepted: report?.accepted }).toEqual({ state: 'READY', accepted: 3 });
});

test('without functions, it is imported at once; an import that must end is continued by another message', async () => {
  const world = testWorld();
  const message = await uploadOfThree(world);
  await handleImportMessage({ message, receiveCount: 1 }, world, AbortSignal.abort(new Error('out of time')));
  expect(await takeAll(world.queues.imports)).toEqual([message]);
  await handleImportMessage({ message, receiveCount: 1 }, world, never);
  expect(await takeAll(world.queues.imports)).toEqual([]);
  expect((await readUpload(message.type === 'import' ? message.upload : '', world.store)).state).toBe('READY');
});
