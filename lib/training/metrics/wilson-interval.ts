/** The 97.5th percentile of the standard normal distribution: 95% intervals. */
export const Z95 = 1.959963984540054;
/** The 95th percentile: one-sided bounds at a level of 95%. */
const Z90 = 1.6448536269514722;

/**
 * Computes the confidence interval of a share at a level of 95% (Wilson, JASA 22, 1927). It holds for few images and for
 * shares near 0 and 1, too.
 * @param share of the images, such as an accuracy
 * @param count of the images, at least 1
 */
export function wilsonInterval(share: number, count: number): { readonly low: number; readonly high: number } {
  return boundsOf(share, count, Z95);
}

/**
 * Computes the one-sided lower bound of a share at a level of 95% by the same method.
 * @param share of the images, such as a precision
 * @param count of the images, at least 1
 */
export function wilsonLowerBound(share: number, count: number): number {
  return boundsOf(share, count, Z90).low;
}

function boundsOf(share: number, count: number, z: number): { readonly low: number; readonly high: number } {
  const centre = share + z ** 2 / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}
