/** Images that a detector is fitted to, and bytes of their maps: more hardly change it. */
const MOST_IMAGES = 600;
const MOST_BYTES = 2 ** 28;

/** The fewest images of which the share `rate` can be refused. */
export function fewestImages(rate: number): number {
  return Math.max(20, Math.ceil(1 / rate - 1));
}

/**
 * The most images that a detector is fitted to: as many as its rate needs, also if their maps are large.
 * @param bytes of one image's map
 * @param rate share of images of the class that the detector may refuse
 */
export function mostImages(bytes: number, rate: number): number {
  return Math.max(fewestImages(rate), Math.min(MOST_IMAGES, Math.floor(MOST_BYTES / bytes)));
}
