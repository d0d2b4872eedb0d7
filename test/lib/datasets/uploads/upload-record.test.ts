import { expect, test } from 'vitest';
import { changeUpload, failUpload, openUpload, readUpload } from '../../../../lib/datasets/uploads/upload-record.ts';
import { RuntimeError } from '../../../../lib/errors.ts';
import { contendedStore } from '../../../support/contended-store.ts';
import { testWorld } from '../../../support/world.ts';

test('an upload that is imported just before it would fail does not fail', async () => {
  const world = testWorld();
  const { id } = await openUpload({ name: 'pets', maxRefused: 0, state: 'IMPORTING' }, world);
  const store = contendedStore(world.store, () => changeUpload(id, world, (upload) => ({ ...upload, state: 'READY' })));
  expect(await failUpload(id, new RuntimeError('MANIFEST_MISSING'), { ...world, store })).toBe(false);
  expect(await readUpload(id, world.store)).toMatchObject({ state: 'READY' });
  expect(world.events).not.toContain('import.failed');
});
