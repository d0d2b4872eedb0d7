/**
 * Averages maps over their positions.
 * @param maps float32 [images, positions, channels]
 * @returns float32 [images, channels]
 */
export function averageMaps(maps: Float32Array, positions: number, channels: number): Float32Array {
  const totals = new Float64Array(maps.length / positions);
  for (let i = 0; i < maps.length; i++) {
    const index = Math.floor(i / (positions * channels)) * channels + (i % channels);
    totals[index] = (totals[index] ?? 0) + (maps[i] ?? 0);
  }
  return Float32Array.from(totals, (total) => total / positions);
}
