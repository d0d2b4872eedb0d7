import { expect, test } from 'vitest';
import { countCalibrationImages } from '../../../lib/quantization/count-calibration-images.ts';

test.each([
  [[224, 224], 96],
  [[1024, 512], 42],
  [[20_000, 20_000], 1],
] as const)('of %j pixels, %i images fit into 256 MiB', (size, count) => {
  expect(countCalibrationImages(96, size)).toBe(count);
});
