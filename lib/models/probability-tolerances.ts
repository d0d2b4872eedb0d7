/**
 * How far probabilities of the same pixels may differ between runtimes, by what a graph computes in. Runtimes sum in
 * different orders, which can move a value of an int8 layer to the next of its 256 levels.
 */
export const PROBABILITY_TOLERANCES = { float32: 1e-4, int8: 0.02 } as const;
