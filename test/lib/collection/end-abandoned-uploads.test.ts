import { expect, test } from 'vitest';
import { endAbandonedUploads } from '../../../lib/collection/end-abandoned-uploads.ts';
import { createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { endUpload } from '../../../lib/datasets/uploads/upload-record.ts';
import { ConflictError } from '../../../lib/errors.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { testWorld } from '../../support/world.ts';

const DAY_SECONDS = 86_400;

test('an upload without activity for a day is ended, and logged once', async () => {
  const world = testWorld();
  const { id } = await createUpload({ name: 'pets', maxRefused: 0 }, world);
  expect(await endAbandonedUploads(id, world)).toMatchObject({ state: 'UPLOADING' });
  await world.clock.advance(DAY_SECONDS + 1);
  for (let turn = 0; turn < 2; turn++)
    expect(await endAbandonedUploads(id, world)).toMatchObject({ state: 'FAILED', error: { code: 'UPLOAD_ABANDONED' } });
  expect(world.events).toEqual(['upload.abandoned']);
});

test('one that another process ends meanwhile is not logged', async () => {
  const world = testWorld();
  const { id } = await createUpload({ name: 'pets', maxRefused: 0 }, world);
  await world.clock.advance(DAY_SECONDS + 1);
  const cancelled = new ConflictError('UPLOAD_ENDED', { at: id, expected: 'IMPORTING', received: 'an end', fix: 'again' });
  const store = contendedStore(world.store, () => endUpload(id, cancelled, world));
  expect(await endAbandonedUploads(id, { ...world, store })).toMatchObject({ error: { code: 'UPLOAD_ENDED' } });
  expect(world.events).toEqual([]);
});
