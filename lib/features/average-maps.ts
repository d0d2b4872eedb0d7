/**
 * Averages maps over their positions.
 * @param maps float32 [images, positions, channels]
 * @returns float32 [images, channels]
 */
export function averageMaps(maps: Float32Array, positions: number, channels: number): Float32Array {
  const totals = new Float64Array(maps.length / positions);
  for (const [i, value] of maps.entries()) {
    const place = Math.floor(i / (positions * channels)) * channels + (i % channels);
    totals[place] = (totals[place] ?? 0) + value;
  }
  return Float32Array.from(totals, (total) => total / positions);
}
