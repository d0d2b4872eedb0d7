/** Numbers and times as only the page shows them; what the commands show too is in lib/format.ts. */

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

/** A difference of shares, such as of two accuracies. */
export function points(difference: number): string {
  return `${(difference * 100).toFixed(1)} points`;
}

const STEPS: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `3 minutes ago`. @param time ISO 8601 */
export function ago(time: string, now: number = Date.now()): string {
  const seconds = (now - Date.parse(time)) / 1000;
  for (const [length, unit] of STEPS) if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  return 'just now';
}

/** A time of the user's own zone in full. @param time ISO 8601 */
export function fullTime(time: string): string {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** `sha256-` and the first 12 digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256-'.length + 12);
}
