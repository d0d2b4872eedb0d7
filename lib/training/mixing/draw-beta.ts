import type { RandomStream } from '../../random.ts';

/** A number from the beta distribution with both parameters `alpha`: 1 is even, below it most lie near 0 or 1 (Jöhnk, 1964). */
export function drawBeta(alpha: number, { next }: RandomStream): number {
  for (;;) {
    const x = next() ** (1 / alpha);
    const y = next() ** (1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}
