import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitToInput } from '../../../lib/images/fit-to-input.ts';

const template = new URL('../../../lib/model-exports/templates/fit-to-input.mjs', import.meta.url);
const side = fc.integer({ min: 1, max: 40 });
const cases = [3, 4].flatMap((channels) => [false, true].map((cropToAspectRatio) => ({ channels, cropToAspectRatio })));

test.each(cases)(
  'exports fit images as Graft does, to the last bit: $channels channels, crop $cropToAspectRatio',
  async (one) => {
    const { channels, cropToAspectRatio } = one;
    const exported = await import(template.href);
    fc.assert(
      fc.property(side, side, side, side, fc.infiniteStream(fc.nat(255)), (width, height, toHeight, toWidth, values) => {
        const data = Uint8Array.from({ length: width * height * channels }, () => values.next().value ?? 0);
        const rgb = data.filter((_, i) => channels === 3 || i % 4 !== 3);
        const expected = fitToInput({ width, height, data: rgb }, { inputSize: [toHeight, toWidth], cropToAspectRatio });
        const input = { height: toHeight, width: toWidth, cropToAspectRatio };
        expect(exported.fitToInput({ width, height, data, channels }, input)).toEqual(expected);
      }),
      { seed: 11 },
    );
  },
);
