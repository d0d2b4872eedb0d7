import { expect, test } from 'vitest';
import { graftJson, scratchFolder } from '../../support/graft.ts';

test('graft train refuses an unknown device before it imports anything', async () => {
  const environment = { GRAFT_DATA_DIR: scratchFolder(), GRAFT_DEVICE: 'tpu' };
  const { error } = await graftJson(['train', '--dataset', 'nowhere'], environment);
  expect(error).toMatchObject({ code: 'DEVICE_UNKNOWN', expected: 'cpu or webgpu', received: 'tpu' });
});
