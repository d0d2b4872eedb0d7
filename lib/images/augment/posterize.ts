/** Keeps so many bits of every value, 8 of 8 as they are. */
export function posterize(pixels: Float32Array, bits: number): void {
  if (bits >= 8) return;
  const step = 2 ** (8 - bits);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.floor((pixels[i] ?? 0) / step) * step;
}
