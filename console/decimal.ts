/** A number from 0 that was typed; undefined for anything else. */
export function decimalOf(typed: string): number | undefined {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(typed) ? Number(typed) : undefined;
}
