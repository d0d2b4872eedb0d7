import { fewestImages } from '../contracts/fewest-images.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { NoveltySpec } from '../contracts/novelty.ts';

/** Images that a detector is fitted to, and bytes of their maps: more hardly change it. */
const MOST_IMAGES = 600;
const MOST_BYTES = 2 ** 28;

/** The share of images of its class that a one-class job's detector may refuse. */
export function refusalRate({ novelty }: Pick<JobSpec, 'novelty'>): number {
  return (novelty ?? NoveltySpec.parse({})).rate;
}

/**
 * The most images that a detector is fitted to: as many as its rate needs, also if their maps are large.
 * @param bytes of one image's map
 * @param rate share of images of the class that the detector may refuse
 */
export function mostImages(bytes: number, rate: number): number {
  return Math.max(fewestImages(rate), Math.min(MOST_IMAGES, Math.floor(MOST_BYTES / bytes)));
}
