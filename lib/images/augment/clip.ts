/** A value of an image, kept within 0..255. */
export function clip(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
