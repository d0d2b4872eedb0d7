import * as tf from '@tensorflow/tfjs-core';
import type { Snapshot, Values } from '../snapshot.ts';

type Named = Iterable<readonly [name: string, variable: tf.Variable]>;

/** Copies the values of variables, bit for bit. */
export async function readVariables(variables: Named): Promise<Snapshot> {
  const copies = new Map<string, Values>();
  for (const [name, variable] of variables) {
    copies.set(name, { shape: variable.shape, values: new Float32Array(await variable.data<'float32'>()) });
  }
  return copies;
}

/** Restores the values of a snapshot into its variables. @throws TypeError if it lacks one */
export function writeVariables(snapshot: Snapshot, variables: Named): void {
  for (const [name, variable] of variables) {
    const copy = snapshot.get(name);
    if (copy === undefined) throw new TypeError(`the snapshot lacks ${name}`);
    tf.tidy(() => variable.assign(tf.tensor(copy.values, variable.shape)));
  }
}
