/** Inverts the values from a threshold on. */
export function solarize(pixels: Float32Array, threshold: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] ?? 0;
    if (value >= threshold) pixels[i] = 255 - value;
  }
}
