import * as tf from '@tensorflow/tfjs-core';

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
