import { expect, it } from 'vitest';
import { trunkBatch } from '../../../lib/features/open-trunk-session.ts';

it.each([
  { size: [32, 32], batch: 32 },
  { size: [112, 112], batch: 32 },
  { size: [128, 128], batch: 24 },
  { size: [96, 320], batch: 13 },
  { size: [224, 224], batch: 8 },
  { size: [600, 600], batch: 8 },
] as const)('computes $batch images of $size pixels at once', ({ size, batch }) => {
  expect(trunkBatch(size)).toBe(batch);
});
