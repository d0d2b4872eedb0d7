import { expect, it } from 'vitest';
import { colourDistance } from '../../../lib/datasets/colour-distance.ts';

it.each([
  ["ImageNet's own colours", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 0],
  ['means off by one deviation', [0.714, 0.68, 0.631], [0.229, 0.224, 0.225], Math.SQRT1_2],
  ['no spread at all', [0.485, 0.456, 0.406], [0, 0, 0], Math.SQRT1_2],
])('%s', (_, mean, deviation, distance) => {
  expect(colourDistance({ mean, deviation })).toBeCloseTo(distance, 6);
});
