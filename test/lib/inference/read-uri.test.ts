import { expect, test } from 'vitest';
import { readUri } from '../../../lib/inference/read-uri.ts';
import { testWorld } from '../../support/world.ts';

test.each([0, 1, 5])('reads an image of %d bytes', async (size) => {
  const { store } = testWorld();
  const bytes = new Uint8Array(size).fill(7);
  await store.put('inputs/a.png', bytes);
  const read = await readUri('s3://graft/inputs/a.png', { ownBucket: 'graft', store, maxBytes: 5 });
  expect(new Uint8Array(read)).toEqual(bytes);
});
