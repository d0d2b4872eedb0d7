import * as tf from '@tensorflow/tfjs-core';
import { RuntimeError } from '../errors.ts';

/** A named tensor outside of TensorFlow: float32 values in C order. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export type Snapshot = ReadonlyMap<string, Values>;

/** Copies of variables' values, bit for bit. */
export async function takeSnapshot(variables: Iterable<readonly [string, tf.Variable]>): Promise<Snapshot> {
  const copies = new Map<string, Values>();
  for (const [name, variable] of variables) {
    copies.set(name, { shape: variable.shape, values: new Float32Array(await variable.data<'float32'>()) });
  }
  return copies;
}

/** Puts a snapshot's values back into the variables that it was taken from. */
export function restoreSnapshot(snapshot: Snapshot, variables: Iterable<readonly [string, tf.Variable]>): void {
  for (const [name, variable] of variables) {
    const copy = snapshot.get(name);
    if (copy === undefined) throw new TypeError(`the snapshot lacks ${name}`);
    tf.tidy(() => variable.assign(tf.tensor(copy.values, variable.shape)));
  }
}

/**
 * Some backends' activations make a number of what is none, so that a loss may look well while weights are broken.
 * @throws RuntimeError WEIGHTS_NOT_FINITE
 */
export function checkFinite(snapshot: Snapshot): void {
  for (const [name, { values }] of snapshot) {
    if (values.every(Number.isFinite)) continue;
    throw new RuntimeError('WEIGHTS_NOT_FINITE', {
      at: name,
      expected: 'finite weights',
      fix: 'lower training.optimizer.learningRate, or set training.optimizer.clipNorm to 1; if that is no help, look for inputs that are no numbers',
    });
  }
}
