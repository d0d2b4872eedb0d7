import { RuntimeError } from '../errors.ts';

/** A named tensor outside of an engine: float32 values in C order. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Values by name. */
export type Snapshot = ReadonlyMap<string, Values>;

/**
 * Checks that weights are finite. Activations of some backends turn NaN into a number, so that the loss may look normal
 * while weights are invalid.
 * @throws RuntimeError WEIGHTS_NOT_FINITE
 */
export function checkFinite(snapshot: Snapshot): void {
  for (const [name, { values }] of snapshot) {
    if (allFinite(values)) continue;
    throw new RuntimeError('WEIGHTS_NOT_FINITE', {
      at: name,
      expected: 'finite weights',
      fix:
        'lower training.optimizer.learningRate, or set training.optimizer.clipNorm to 1; if that does not help, look for ' +
        'inputs that are not numbers',
    });
  }
}

/** A loop over indices: a callback, or an iterator, takes ten times as long, which matters for millions of values. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
