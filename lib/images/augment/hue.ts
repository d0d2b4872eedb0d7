/** Turns the hue of every pixel, as HSV has it, by a share of the full circle. Saturation and value stay. */
export function hue(pixels: Float32Array, turn: number): void {
  if (turn === 0) return;
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const turned = sixthOf(red, green, blue, value, chroma) + 6 * turn + 6;
    pixels[i] = channel(5 + turned, value, chroma);
    pixels[i + 1] = channel(3 + turned, value, chroma);
    pixels[i + 2] = channel(1 + turned, value, chroma);
  }
}

/** The hue in sixths of the circle: red 0, green 2, blue 4. */
function sixthOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (value === red) return (green - blue) / chroma;
  return value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
}

function channel(sixth: number, value: number, chroma: number): number {
  const k = sixth % 6;
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
}
