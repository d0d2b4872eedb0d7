import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { GraphParameter } from '../../onnx/graph-builder.ts';
import type { OnnxResult } from '../../onnx/onnx-session.ts';
import { leafLayers, weightName } from '../layers-model/leaf-layers.ts';
import type { Values } from '../snapshot.ts';
import { fromOrder, type Order, toOrder } from './axis-order.ts';

interface Held {
  readonly variable: tf.Variable;
  /** In the order of axes that the graphs use. */
  values: Float32Array;
  order: Order;
  /** What the variable held when it was last equal to `values`. */
  dataId: object;
}

/**
 * The weights of a model as arrays, which training changes in place. They are in the order of axes that the graphs use,
 * so that no step has to transpose kernels. The model's own variables get them by `flush`. If something else assigns a
 * variable, its array takes that value.
 */
export class ModelWeights {
  readonly #held = new Map<string, Held>();

  constructor(model: LayersModel) {
    for (const { layer } of leafLayers(model)) {
      for (const weight of layer.weights) {
        const variable = weight.read();
        if (!(variable instanceof tf.Variable)) throw new TypeError(`${layer.name} has a weight that is no variable`);
        const values = new Float32Array(variable.size);
        this.#held.set(`${layer.name}/${weightName(weight)}`, { variable, values, order: undefined, dataId: {} });
      }
    }
  }

  /** The weight as an input of a graph. Its array changes in place. */
  feed({ name, dims, order }: GraphParameter): OnnxResult {
    const held = this.#current(name);
    if (`${held.order}` !== `${order}`) {
      held.values.set(toOrder(fromOrder(held.values, held.variable.shape, held.order), held.variable.shape, order));
      held.order = order;
    }
    return { data: held.values, dims };
  }

  /** The array of a weight, in the order of the graphs. It changes in place. */
  array(name: string): Float32Array {
    return this.#current(name).values;
  }

  /** Moves a weight into another array of its size, which changes in place from now on. */
  moveTo(name: string, array: Float32Array): void {
    const held = this.#current(name);
    array.set(held.values);
    held.values = array;
  }

  /** Moves weights into arrays of their own, so that the memory that they shared with others can be freed. */
  release(names: Iterable<string>): void {
    for (const name of names) this.moveTo(name, new Float32Array(this.array(name).length));
  }

  /** A copy of the weight as the layer has it. */
  read(name: string): Values {
    return this.inLayerOrder(name, this.array(name));
  }

  /** Sets the values of a weight, as the layer has it, here and in the model. */
  write(name: string, values: Float32Array): void {
    const { variable, order } = this.#at(name);
    this.array(name).set(toOrder(values, variable.shape, order));
    this.flush([name]);
  }

  /** Writes values that changed in place into the model. */
  flush(names: Iterable<string>): void {
    for (const name of names) {
      const held = this.#at(name);
      const { shape, values } = this.inLayerOrder(name, held.values);
      tf.tidy(() => held.variable.assign(tf.tensor(values, [...shape])));
      held.dataId = held.variable.dataId;
    }
  }

  /** A copy of values that belong to a weight, such as a slot, as the layer has them. */
  inLayerOrder(name: string, values: Float32Array): Values {
    const { variable, order } = this.#at(name);
    return { shape: variable.shape, values: fromOrder(values, variable.shape, order) };
  }

  /** A copy of values that belong to a weight, in the order of the graphs. */
  inGraphOrder(name: string, values: Float32Array): Float32Array {
    const { variable, order } = this.#at(name);
    return toOrder(values, variable.shape, order);
  }

  #current(name: string): Held {
    const held = this.#at(name);
    if (held.dataId !== held.variable.dataId) {
      held.values.set(toOrder(held.variable.dataSync<'float32'>(), held.variable.shape, held.order));
      held.dataId = held.variable.dataId;
    }
    return held;
  }

  #at(name: string): Held {
    const held = this.#held.get(name);
    if (held === undefined) throw new TypeError(`the model has no weight ${name}`);
    return held;
  }
}
