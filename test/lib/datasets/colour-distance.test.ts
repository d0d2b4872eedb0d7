import sharp from 'sharp';
import { expect, it } from 'vitest';
import { colourDistance, measureColourDistance } from '../../../lib/datasets/colour-distance.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { shaOf } from '../../support/datasets/put-dataset.ts';
import { testWorld } from '../../support/world.ts';

it.each([
  ["ImageNet's own colours", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 0],
  ['means off by one deviation', [0.714, 0.68, 0.631], [0.229, 0.224, 0.225], Math.SQRT1_2],
  ['no spread at all', [0.485, 0.456, 0.406], [0, 0, 0], Math.SQRT1_2],
])('%s', (_, mean, deviation, distance) => {
  expect(colourDistance({ mean, deviation })).toBeCloseTo(distance, 6);
});

it('measures the colours of stored images', async () => {
  const world = testWorld();
  const background = { r: 124, g: 116, b: 104 };
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toBuffer();
  await world.store.put(blobKey(shaOf(1)), png);
  // The means of ImageNet without its spread.
  expect(await measureColourDistance([shaOf(1)], world.store)).toBeCloseTo(Math.SQRT1_2, 2);
});

it('reads no image once it is aborted', async () => {
  let reads = 0;
  const store = { ...testWorld().store, getRange: () => Promise.reject(new Error(`read ${++reads}`)) };
  const reason = new Error('cancelled');
  await expect(measureColourDistance([shaOf(1), shaOf(2)], store, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(reads).toBe(0);
});
