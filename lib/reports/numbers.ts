import type { Estimate } from '../contracts/report-parts.ts';

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** The bounds of a share. */
export function bounds({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
}

/** A share with its interval. */
export function withInterval(estimate: Estimate): string {
  return `${percent(estimate.value)} (${bounds(estimate)})`;
}

/** A probability of a test. */
export function pValue(value: number): string {
  return value < 0.0001 ? 'below 0.0001' : value.toPrecision(2);
}

/** A number for people. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A number with the noun that it counts. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** Seconds for people. */
export function seconds(value: number): string {
  if (value < 100) return `${value.toFixed(1)} s`;
  return value < 6000 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
}

/** An amount of US dollars for people. */
export function dollars(value: number): string {
  return `$${value.toFixed(value < 0.1 ? 4 : 2)}`;
}

/** A text that fits into a figure. */
export function short(text: string, most = 22): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
