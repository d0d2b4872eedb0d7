/** With fewer images, neither principal directions nor a threshold mean anything. */
const FEWEST_IMAGES = 20;

/** The fewest images of which the share `rate` can be refused by a conformal quantile of their scores. */
export function fewestImages(rate: number): number {
  return Math.max(FEWEST_IMAGES, Math.ceil(1 / rate - 1));
}
