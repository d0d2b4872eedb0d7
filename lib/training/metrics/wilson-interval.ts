/** The 97.5th percentile of the standard normal distribution: 95% intervals. */
export const Z95 = 1.959963984540054;

/**
 * Computes the confidence interval of a share at a level of 95% (Wilson, JASA 22, 1927). It holds for few images and for
 * shares near 0 and 1, too.
 * @param share of the images, such as an accuracy
 * @param count of the images, at least 1
 */
export function wilsonInterval(share: number, count: number): { readonly low: number; readonly high: number } {
  const centre = share + Z95 ** 2 / (2 * count);
  const half = Z95 * Math.sqrt((share * (1 - share)) / count + Z95 ** 2 / (4 * count ** 2));
  const scale = 1 + Z95 ** 2 / count;
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}
