/** Stretches the values of each channel over the whole range. */
export function autoContrast(pixels: Float32Array): void {
  for (let channel = 0; channel < 3; channel++) {
    let [lowest, highest] = [255, 0];
    for (let i = channel; i < pixels.length; i += 3) {
      const value = pixels[i] ?? 0;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (highest <= lowest) continue;
    const scale = 255 / (highest - lowest);
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = Math.min(255, ((pixels[i] ?? 0) - lowest) * scale);
  }
}
