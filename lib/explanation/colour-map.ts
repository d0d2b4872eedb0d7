/** Inferno of matplotlib (CC0), which is perceptually uniform, at nine equal steps. */
const INFERNO = Uint8Array.of(
  ...[0, 0, 4],
  ...[31, 12, 72],
  ...[85, 15, 109],
  ...[136, 34, 106],
  ...[186, 54, 85],
  ...[227, 89, 51],
  ...[249, 140, 10],
  ...[249, 201, 50],
  ...[252, 255, 164],
);
const STEPS = INFERNO.length / 3 - 1;

/**
 * Writes the colour of a value: red, green, blue, 0..255. It creates no objects, because it is called for every pixel.
 * @param value 0..1
 * @param target uint8
 * @param start index of red
 */
export function writeInfernoColour(value: number, target: Uint8Array, start: number): void {
  const position = Math.min(1, Math.max(0, value)) * STEPS;
  const step = Math.min(Math.floor(position), STEPS - 1);
  const share = position - step;
  for (let channel = 0; channel < 3; channel++) {
    const from = INFERNO[3 * step + channel] ?? 0;
    const to = INFERNO[3 * step + 3 + channel] ?? 0;
    target[start + channel] = Math.round(from + (to - from) * share);
  }
}
