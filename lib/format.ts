/** Numbers as people read them: a number has the same text in a command, a report, an export and the console. */

/** A share as a percentage: `94.3%`. @param digits the decimal places */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** A number with its thousands apart: `25,000`. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** A number with the noun that it counts: `1 image`, `25,000 images`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/**
 * A measured time, or one that counts down: `4.2 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. Below 10 seconds it has a decimal
 * place, because whole seconds would hide how short stages differ. From a minute on it has two units: `3 min` alone would
 * hide up to half a minute, and `3.3 min` has to be converted first. A second unit of zero is left out: `15 min`.
 * @param seconds 0 or more
 */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return seconds < 3599.5 ? inTwoUnits(Math.round(seconds), 'min', 's') : inTwoUnits(Math.round(seconds / 60), 'h', 'min');
}

/** @param amount in the small unit, of which 60 are one large unit */
function inTwoUnits(amount: number, large: string, small: string): string {
  const [whole, rest] = [Math.floor(amount / 60), amount % 60];
  return [...(whole === 0 ? [] : [`${whole} ${large}`]), ...(rest === 0 ? [] : [`${rest} ${small}`])].join(' ');
}

const ROUGH_UNITS = [
  { name: 's', seconds: 1 },
  { name: 'min', seconds: 60 },
  { name: 'h', seconds: 3600 },
] as const;

/**
 * An estimated time, in two digits, because an estimate is no better: `4.4 s`, `61 s`, `1.6 min`, `17 min`. From 100 of a
 * unit on, it is in the next larger unit.
 * @param round towards the end that a range must include
 */
export function roughDuration(seconds: number, round: (value: number) => number = Math.round): string {
  const unit = ROUGH_UNITS.find(({ seconds: of }) => seconds < of * 100) ?? ROUGH_UNITS[2];
  const value = seconds / unit.seconds;
  const step = value < 10 ? 0.1 : 1;
  // Otherwise a rounding error of the division could add a whole step.
  return `${Number((round(Number((value / step).toFixed(6))) * step).toFixed(1))} ${unit.name}`;
}

/**
 * An amount of US dollars: `$0.12`. Below a cent it has four decimal places, `$0.0040`, because a short job costs so little.
 */
export function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.00995 ? 4 : 2)}`;
}

/** A p-value in two digits, which is never zero: `0.021`, `below 0.0001`. */
export function pValue(value: number): string {
  return value < LEAST_P ? `below ${LEAST_P}` : value.toPrecision(2);
}

/** A p-value in a sentence: `p = 0.021`, `p < 0.0001`. */
export function pEquals(value: number): string {
  return value < LEAST_P ? `p < ${LEAST_P}` : `p = ${pValue(value)}`;
}

/** Smaller p-values differ by nothing that anybody would decide by. */
const LEAST_P = 0.0001;

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/**
 * A size in units of 1000, as disks and downloads are sold: `512 B`, `18.6 MB`, `102 MB`. It has a decimal place below 100,
 * so two or three digits, which are enough to compare files.
 */
export function byteSize(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < BYTE_UNITS.length - 1; unit++) value /= 1000;
  return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${BYTE_UNITS[unit]}`;
}

/**
 * The first names of a list, and how many others there are: `a, b, c, d, e and 3 more`.
 * @param most number of names: 5 paths still fit on a line or two
 */
export function few(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${count(more)} more` : names.join(', ');
}
