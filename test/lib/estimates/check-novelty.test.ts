import { expect, it } from 'vitest';
import { fewestImages } from '../../../lib/contracts/fewest-images.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { checkNovelty, noveltyImages } from '../../../lib/estimates/check-novelty.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { folderOf, imageNumber } from '../../support/datasets/import-files.ts';
import { testWorld } from '../../support/world.ts';

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

it('is checked when a classifier is submitted', async () => {
  const { store, ...world } = testWorld();
  const [a, b, c, d] = await Promise.all([1, 2, 3, 4].map(imageNumber));
  const folder = folderOf({ 'a/1.png': a ?? '', 'a/2.png': b ?? '', 'b/3.png': c ?? '', 'b/4.png': d ?? '' });
  await importSource(folder, { store, ...world }, { name: 'letters' });
  const resolve = (rate: number) => resolveSpec(JobSpec.parse({ name: 'a', dataset: 'letters', novelty: { rate } }), store);
  await expect(resolve(0.0004)).rejects.toMatchObject({ code: 'NOVELTY_RATE_TOO_LOW' });
  await expect(resolve(0.0005)).resolves.toMatchObject({ novelty: { rate: 0.0005 } });
});
