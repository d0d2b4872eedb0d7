import type { Estimate } from '../contracts/report-parts.ts';
import { percent } from '../format.ts';

/** The bounds of a share. */
export function bounds({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
}

/** A share with its interval. */
export function withInterval(estimate: Estimate): string {
  return `${percent(estimate.value)} (${bounds(estimate)})`;
}

/** A text that fits into a figure. */
export function short(text: string, most = 22): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
