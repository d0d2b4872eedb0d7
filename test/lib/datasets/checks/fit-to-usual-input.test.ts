import { expect, test } from 'vitest';
import { fitToUsualInput } from '../../../../lib/datasets/checks/fit-to-usual-input.ts';
import { fitToInput } from '../../../../lib/images/fit-to-input.ts';

function drawImage(width: number, height: number) {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => i % 251) };
}

test('a photograph is squeezed and cropped to the usual input, as a training would', () => {
  const photograph = drawImage(1500, 1000);
  const squeezed = { inputSize: [224, 224] } as const;
  const cropped = { ...squeezed, cropToAspectRatio: true };
  expect(fitToUsualInput(photograph)).toEqual([
    { input: squeezed, pixels: fitToInput(photograph, squeezed) },
    { input: cropped, pixels: fitToInput(photograph, cropped) },
  ]);
});

test('a square photograph is one input, and a small image none', () => {
  expect(fitToUsualInput(drawImage(1300, 1300)).map(({ input }) => input)).toEqual([{ inputSize: [224, 224] }]);
  expect(fitToUsualInput(drawImage(1000, 1000))).toEqual([]);
});
