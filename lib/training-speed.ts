/** One multiplication and one addition. */
const GIGA = 1e9;

/**
 * About how many multiply-adds a second a runtime trains with, forward and back: `native` of each core, `wasm` of the one thread that it
 * has; measured on 2 cores of a busy x86 server (2026-11-24). A GPU's is a guess at the share of its peak.
 */
export const trainingSpeeds = { gpu: 3000 * GIGA, native: 20 * GIGA, wasm: 10 * GIGA } as const;

/** Of a runtime on a machine with so many cores. */
export function trainingSpeed(runtime: keyof typeof trainingSpeeds, cores: number): number {
  return trainingSpeeds[runtime] * (runtime === 'native' ? cores : 1);
}
