import type { NoveltyRecord } from '../../lib/contracts/novelty.ts';
import { counted, percent } from '../../lib/format.ts';

/** `novelty above 0.83, by 317 images: 4.7% of images like these expected, 3.8% of the test images` */
export function describeNovelty(novelty: NoveltyRecord): string {
  if ('omitted' in novelty) return `no novelty score. ${novelty.omitted}`;
  const { threshold, images, expectedShare, testShare } = novelty;
  const measured = testShare === undefined ? '' : `, ${percent(testShare)} of the test images`;
  return (
    `novelty above ${threshold.toPrecision(3)}, by ${counted(images, 'image')}: ` +
    `${percent(expectedShare)} of images like these expected${measured}`
  );
}
