import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Values } from '../snapshot.ts';
import { leafLayers, weightName } from '../tensorflow/leaf-layers.ts';

interface Held {
  readonly variable: tf.Variable;
  readonly values: Float32Array;
  /** What the variable held when it was last equal to `values`. */
  dataId: object;
}

/**
 * The weights of a model as arrays, which training changes in place. The model's own variables get them by `flush`. If
 * something else assigns a variable, its array takes that value.
 */
export class ModelWeights {
  readonly #held = new Map<string, Held>();

  constructor(model: LayersModel) {
    for (const { layer } of leafLayers(model)) {
      for (const weight of layer.weights) {
        const variable = weight.read();
        if (!(variable instanceof tf.Variable)) throw new TypeError(`${layer.name} has a weight that is no variable`);
        const values = new Float32Array(variable.size);
        this.#held.set(`${layer.name}/${weightName(weight)}`, { variable, values, dataId: {} });
      }
    }
  }

  /** The shape and the current values of a weight. */
  get(name: string): Values {
    const held = this.#at(name);
    if (held.dataId !== held.variable.dataId) {
      held.values.set(held.variable.dataSync());
      held.dataId = held.variable.dataId;
    }
    return { shape: held.variable.shape, values: held.values };
  }

  /** Sets the values of a weight, here and in the model. */
  set(name: string, values: Float32Array): void {
    this.#at(name).values.set(values);
    this.flush([name]);
  }

  /** Writes values that changed in place into the model. */
  flush(names: Iterable<string>): void {
    for (const name of names) {
      const held = this.#at(name);
      tf.tidy(() => held.variable.assign(tf.tensor(held.values.slice(), held.variable.shape)));
      held.dataId = held.variable.dataId;
    }
  }

  #at(name: string): Held {
    const held = this.#held.get(name);
    if (held === undefined) throw new TypeError(`the model has no weight ${name}`);
    return held;
  }
}
