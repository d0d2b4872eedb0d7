import { fewestImages } from '../contracts/fewest-images.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { SpecError } from '../errors.ts';

/** Images that a novelty score is fitted to, or measured on: more hardly change it. */
const USUAL_IMAGES = 600;
/** With so many, a fit takes some seconds; the work grows with their square. */
const MOST_IMAGES = 2000;
const LOWEST_RATE = 1 / MOST_IMAGES;

/** The most images that the novelty score of a classifier is fitted to: as many as its rate needs. */
export function noveltyImages(rate: number): number {
  return Math.min(MOST_IMAGES, Math.max(USUAL_IMAGES, fewestImages(rate)));
}

/**
 * Checks that enough images for the rate of a classifier's novelty score would be used, if the data set has them.
 * @throws SpecError NOVELTY_RATE_TOO_LOW
 */
export function checkNovelty({ novelty }: Pick<JobSpec, 'novelty'>): void {
  if (novelty === null || novelty.rate >= LOWEST_RATE) return;
  throw new SpecError('NOVELTY_RATE_TOO_LOW', {
    at: 'novelty.rate',
    expected: `at least ${LOWEST_RATE}: a score is fitted to at most ${MOST_IMAGES} images`,
    received: novelty.rate,
    fix: 'use a higher rate, or novelty: null for a model without the score',
  });
}
