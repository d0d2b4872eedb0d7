import { expect, test } from 'vitest';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { writePart } from '../../../lib/datasets/uploads/upload-parts.ts';
import { changeUpload, failUpload, readUpload } from '../../../lib/datasets/uploads/upload-record.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { readFixture } from '../../support/fixtures.ts';
import { uploadBytes } from '../../support/upload.ts';
import { testWorld } from '../../support/world.ts';

test('an attempt that was replaced does not fail the upload that another attempt works on', async () => {
  const world = testWorld();
  const { id } = await createUpload({ name: 'pets', maxRefused: 0 }, world);
  const files = await uploadBytes(world.store, { 'cat/1.png': await readFixture('trash/cardboard/cardboard100.jpg') });
  await writePart(id, 'listed', files, world.store);
  await changeUpload(id, world, (upload) => ({ ...upload, state: 'IMPORTING', parts: 1, files: 1 }));

  // While this attempt commits, the upload is ended as given up, and a redelivered message takes it up again.
  let isReplaced = false;
  const store: ObjectStore = {
    ...world.store,
    get: async (key) => {
      const isAnnounced = (await world.store.head('datasets/pets.json')) !== undefined;
      if (!key.startsWith('uploads/') || !isAnnounced || isReplaced) return world.store.get(key);
      isReplaced = true;
      const gaveUp = { at: id, expected: 'an end', received: 'none', fix: 'again', retryable: true };
      await failUpload(id, new RuntimeError('IMPORT_RETRIES_EXHAUSTED', gaveUp), world);
      const ended = await world.store.get(key);
      await changeUpload(id, world, ({ error: _, ...upload }) => ({ ...upload, state: 'IMPORTING' }));
      return ended;
    },
  };
  await runImport(id, { ...world, store });
  expect(isReplaced).toBe(true);
  expect(await readUpload(world.store, id)).toMatchObject({ state: 'IMPORTING' });

  expect(await runImport(id, world)).toMatchObject({ state: 'READY', report: { accepted: 1 } });
});
