/** Numbers and times as the page shows them. */

export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}%`;
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}

export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function byteSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), BYTE_UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${BYTE_UNITS[power]}`;
}

/** @param seconds 0 or more */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

/** A cost that is an estimate: `about $0.12`, or `under $0.01`. */
export function aboutDollars(value: number): string {
  return value < 0.01 ? 'under $0.01' : `about $${value.toFixed(2)}`;
}

/** A difference of shares, such as of two accuracies. */
export function points(difference: number): string {
  return `${(difference * 100).toFixed(1)} points`;
}

/** A p-value, which is never zero. */
export function pValue(value: number): string {
  return value < 0.001 ? 'below 0.001' : value.toFixed(3);
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
