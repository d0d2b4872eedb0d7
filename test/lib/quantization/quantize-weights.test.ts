import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementType } from '../../../lib/onnx/onnx-model.ts';
import { toFloat16 } from '../../../lib/quantization/float16-weights.ts';
import { makeTensor } from '../../../lib/quantization/make-tensor.ts';
import { quantizeBias, quantizeWeights } from '../../../lib/quantization/quantize-weights.ts';

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 });

test.each([0, 1])('weights are within half a step of their int8 form, with channels on axis %i', (axis) => {
  fc.assert(
    fc.property(fc.array(float, { minLength: 12, maxLength: 12 }), (values) => {
      const weights = makeTensor('w', [3, 4], elementType.float32, Float32Array.from(values));
      const { values: int8, scales } = quantizeWeights(weights, axis, undefined, 1);
      expect(scales).toHaveLength([3, 4][axis] ?? 0);
      values.forEach((value, i) => {
        const scale = scales[axis === 0 ? Math.floor(i / 4) : i % 4] ?? 0;
        expect(Math.abs((int8[i] ?? 0) * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
      });
    }),
  );
});

test('a channel without weights has a bias that int32 holds', () => {
  const weights = makeTensor('w', [2, 1], elementType.float32, Float32Array.of(0, 1));
  const bias = Float32Array.of(3, -2);
  const { scales } = quantizeWeights(weights, 0, bias, 0.1);
  const int32 = quantizeBias(bias, scales, 0.1);
  expect(Array.from(int32, (value, i) => value * (scales[i] ?? 0) * 0.1)).toEqual([expect.closeTo(3, 5), expect.closeTo(-2, 1)]);
});

test.each([
  [0, 0x0000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [2 - 2 ** -12, 0x4000],
  [Number.NaN, 0x7e00],
])('%d is float16 %i', (value, bits) => {
  expect(toFloat16(value)).toBe(bits);
});
