import { expect, test } from 'vitest';
import { deleteModel } from '../../../lib/models/delete-model.ts';
import { readModel } from '../../../lib/models/registry.ts';
import { publishConstant } from '../../support/api.ts';
import { testWorld } from '../../support/world.ts';

test('the error of a mistyped model suggests the right one, and that of another name lists those that exist', async () => {
  const { store } = testWorld();
  const code = 'MODEL_NOT_FOUND';
  await expect(readModel('flowers', store)).rejects.toMatchObject({ code, fix: 'train one: graft train --dataset PATH --wait' });
  for (const name of ['flowers', 'trash']) await publishConstant(store, name);
  await expect(readModel('flower', store)).rejects.toMatchObject({ code, fix: 'did you mean flowers?' });
  const listed = { code, expected: 'one of flowers, trash', fix: 'graft models lists them' };
  await expect(readModel('nobody', store)).rejects.toMatchObject(listed);
  await deleteModel('flowers', store);
  await expect(readModel('flower', store)).rejects.toMatchObject({ ...listed, expected: 'one of trash' });
});
