import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resizeBilinear } from '../../../lib/images/resize-bilinear.ts';

const template = new URL('../../../lib/model-exports/templates/resize-bilinear.mjs', import.meta.url);
const side = fc.integer({ min: 1, max: 40 });

test.each([3, 4])('the resizing in exports is that of Graft to the last bit, from %i channels', async (channels) => {
  const exported = await import(template.href);
  fc.assert(
    fc.property(side, side, side, side, fc.infiniteStream(fc.nat(255)), (width, height, toHeight, toWidth, values) => {
      const data = Uint8Array.from({ length: width * height * channels }, () => values.next().value ?? 0);
      const rgb = data.filter((_, i) => channels === 3 || i % 4 !== 3);
      const expected = resizeBilinear({ width, height, data: rgb }, [toHeight, toWidth]);
      expect(exported.resizeBilinear({ width, height, data, channels }, toHeight, toWidth)).toEqual(expected);
    }),
    { seed: 11 },
  );
});
