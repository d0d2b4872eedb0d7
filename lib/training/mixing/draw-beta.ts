import type { RandomStream } from '../../random.ts';

/**
 * Draws from the beta distribution with both parameters `alpha` (Jöhnk, 1964): 1 is uniform; below 1, most values are
 * near 0 or 1.
 */
export function drawBeta(alpha: number, { next }: RandomStream): number {
  for (;;) {
    const x = next() ** (1 / alpha);
    const y = next() ** (1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}
