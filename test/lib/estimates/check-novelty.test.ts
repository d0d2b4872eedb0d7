import { expect, it } from 'vitest';
import { fewestImages } from '../../../lib/contracts/fewest-images.ts';
import { checkNovelty, noveltyImages } from '../../../lib/estimates/check-novelty.ts';

it.each([0.5, 0.05, 0.0017, 0.0016, 0.001, 0.0005])(
  'of a rate of %f, a score may be fitted to the images that it needs',
  (rate) => {
    expect(() => checkNovelty({ novelty: { rate } })).not.toThrow();
    expect(noveltyImages(rate)).toBeGreaterThanOrEqual(fewestImages(rate));
  },
);

it('refuses a rate for which no score is fitted to enough images', () => {
  expect(() => checkNovelty({ novelty: { rate: 0.0004 } })).toThrow(
    expect.objectContaining({ code: 'NOVELTY_RATE_TOO_LOW', at: 'novelty.rate', received: 0.0004 }),
  );
  expect(() => checkNovelty({ novelty: null })).not.toThrow();
});
