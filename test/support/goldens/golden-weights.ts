import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fnv1a, mulberry32 } from '../../../lib/random.ts';

/** What a golden says about its weights: `seedPrefix` of the file, `shifts` of its section. */
export interface WeightSeeds {
  readonly prefix: string;
  /** Powers of two, by name of a BatchNormalization, that keep deep models of random weights within float32's reach. */
  readonly shifts: Readonly<Record<string, number>>;
}

/** Gives every weight of the model the values that follow from its label `prefix + layer/weight` by the goldens' rule. */
export function assignGoldenWeights(model: LayersModel, { prefix, shifts }: WeightSeeds): void {
  for (const layer of model.layers) {
    for (const variable of layer.weights) {
      const stored = variable.originalName.split('/').at(-1) as string;
      const depthwise = layer.getClassName() === 'DepthwiseConv2D';
      const name = depthwise && stored === 'depthwise_kernel' ? 'kernel' : stored;
      const shape = variable.shape.map(Number);
      const window = depthwise || stored === 'depthwise_kernel' ? shape.slice(0, 2) : shape.slice(0, -1);
      const values = goldenValues(`${prefix}${layer.name}/${name}`, shape, {
        value: layer.getClassName() === 'LayerScale' ? (u) => (2 * u - 1) * 0.5 : ruleOf(name, window, shifts[layer.name] ?? 0),
      });
      tf.tidy(() => void variable.write(tf.tensor(values, shape)));
    }
  }
}

function goldenValues(label: string, shape: readonly number[], { value }: { value: (u: number) => number }): Float32Array {
  const draw = mulberry32(fnv1a(label));
  const values = new Float32Array(product(shape));
  for (let i = 0; i < values.length; i++) values[i] = value(draw());
  return values;
}

/** From a draw u in [0, 1) to a weight's value. */
function ruleOf(name: string, window: readonly number[], shift: number): (u: number) => number {
  const limit = Math.sqrt(3 / product(window));
  const rules: Record<string, (u: number) => number> = {
    kernel: (u) => (2 * u - 1) * limit,
    depthwise_kernel: (u) => (2 * u - 1) * limit,
    pointwise_kernel: (u) => (2 * u - 1) * limit,
    bias: (u) => (2 * u - 1) * 0.1,
    beta: (u) => (2 * u - 1) * 0.1,
    mean: (u) => (2 * u - 1) * 0.1,
    gamma: (u) => 0.8 + 0.4 * u,
    moving_mean: (u) => (2 * u - 1) * (0.1 * 2 ** shift),
    moving_variance: (u) => 0.5 * 4 ** shift + 4 ** shift * u,
    variance: (u) => 0.5 + u,
    count: () => 0,
  };
  const rule = rules[name];
  if (!rule) throw new Error(`no rule for weight ${name}`);
  return rule;
}

function product(sides: readonly number[]): number {
  return sides.reduce((all, side) => all * side, 1);
}
