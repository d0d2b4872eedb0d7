import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cropWindow, fitToInput } from '../../../lib/images/fit-to-input.ts';
import { resizeBilinear } from '../../../lib/images/resize-bilinear.ts';

const side = fc.integer({ min: 1, max: 400 });

describe('cropWindow', () => {
  test.each([
    { of: [500, 375], to: [224, 224], window: { left: 62, top: 0, width: 375, height: 375 } },
    { of: [375, 500], to: [224, 224], window: { left: 0, top: 62, width: 375, height: 375 } },
    { of: [300, 300], to: [224, 224], window: { left: 0, top: 0, width: 300, height: 300 } },
    { of: [300, 300], to: [100, 200], window: { left: 0, top: 75, width: 300, height: 150 } },
    { of: [1000, 1], to: [224, 224], window: { left: 499, top: 0, width: 1, height: 1 } },
  ])('of $of pixels for an input of $to', ({ of: [width = 0, height = 0], to: [toHeight = 0, toWidth = 0], window }) => {
    expect(cropWindow({ width, height }, [toHeight, toWidth])).toEqual(window);
  });

  test('lies in the image, touches two of its edges and has the aspect ratio of the input, but for the last pixel', () => {
    fc.assert(
      fc.property(side, side, side, side, (width, height, toHeight, toWidth) => {
        const window = cropWindow({ width, height }, [toHeight, toWidth]);
        expect(window.left + window.width).toBeLessThanOrEqual(width);
        expect(window.top + window.height).toBeLessThanOrEqual(height);
        expect(window.width === width || window.height === height).toBe(true);
        const wide = (window.width * toHeight) / toWidth;
        const isExact =
          Math.abs(wide - window.height) < Math.max(1, toHeight / toWidth) || window.width === 1 || window.height === 1;
        expect(isExact).toBe(true);
      }),
      { seed: 3 },
    );
  });
});

describe('fitToInput', () => {
  const image = { width: 4, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i) };

  test('squeezes an image', () => {
    expect(fitToInput(image, { inputSize: [2, 2] })).toEqual(resizeBilinear(image, [2, 2]));
  });

  test('crops an image in its middle', () => {
    const fitted = fitToInput(image, { inputSize: [2, 2], cropToAspectRatio: true });
    expect([...fitted]).toEqual([3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20]);
  });
});
