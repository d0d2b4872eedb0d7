/** Inferno of matplotlib (CC0), which is perceptually uniform, at nine equal steps. */
const INFERNO = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
] as const;

/**
 * Returns the colour of a value.
 * @param value 0..1
 * @returns red, green, blue, 0..255
 */
export function infernoColour(value: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, value)) * (INFERNO.length - 1);
  const below = Math.min(Math.floor(place), INFERNO.length - 2);
  const [from, to] = [INFERNO[below] ?? INFERNO[0], INFERNO[below + 1] ?? INFERNO[0]];
  const channel = (i: number): number => Math.round((from[i] ?? 0) + ((to[i] ?? 0) - (from[i] ?? 0)) * (place - below));
  return [channel(0), channel(1), channel(2)];
}
