/** Spreads the values of each channel, rounded, so that all are about equally frequent. */
export function equalize(pixels: Float32Array): void {
  for (let channel = 0; channel < 3; channel++) {
    const histogram = new Uint32Array(256);
    for (let i = channel; i < pixels.length; i += 3) count(histogram, Math.round(pixels[i] ?? 0));
    const table = equalizing(histogram, pixels.length / 3);
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = table[Math.round(pixels[i] ?? 0)] ?? 0;
  }
}

/** What becomes of each value; the table of Pillow's `ImageOps.equalize`. */
function equalizing(histogram: Uint32Array, pixels: number): Uint8Array {
  const most = histogram.findLast((frequency) => frequency > 0) ?? 0;
  const step = Math.floor((pixels - most) / 255);
  if (step === 0) return Uint8Array.from(histogram, (_, value) => value);
  let sum = Math.floor(step / 2);
  return Uint8Array.from(histogram, (frequency) => {
    const value = Math.min(255, Math.floor(sum / step));
    sum += frequency;
    return value;
  });
}

function count(histogram: Uint32Array, value: number): void {
  histogram[value] = (histogram[value] ?? 0) + 1;
}
