import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { GraftError } from '../../errors.ts';
import type { NamedTensors } from '../../onnx/tensor-session.ts';
import { leafLayers, weightName } from '../layers-model/leaf-layers.ts';
import type { ModelWeights } from './model-weights.ts';

/** l1 sum(|w|) + l2 sum(w^2) of one weight. */
export interface Penalty {
  readonly weight: string;
  readonly l1: number;
  readonly l2: number;
}

const Regularizer = z.object({ className: z.literal('L1L2'), config: z.object({ l1: z.number(), l2: z.number() }) });

/**
 * Returns the regularization terms of a model's layers.
 * @throws GraftError ONNX_LAYER_UNSUPPORTED for a regularizer that is not L1 or L2 of a weight
 */
export function penaltiesOf(model: LayersModel): Penalty[] {
  return leafLayers(model).flatMap(({ layer }) =>
    Object.entries(layer.getConfig()).flatMap(([key, value]) => {
      if (!key.endsWith('Regularizer') || value === null || value === undefined) return [];
      const name = key.slice(0, -'Regularizer'.length);
      const weight = layer.weights.map(weightName).find((each) => each === name || each === `${name}_kernel`);
      const parsed = Regularizer.safeParse(value);
      if (weight !== undefined && parsed.success) return [{ weight: `${layer.name}/${weight}`, ...parsed.data.config }];
      throw new GraftError('ONNX_LAYER_UNSUPPORTED', {
        at: `layer ${layer.name}`,
        expected: 'L1 or L2 regularization of a weight',
        received: { [key]: value },
        fix: 'remove the regularizer',
      });
    }),
  );
}

/** The value of a penalty. */
export function penaltyValue(values: Float32Array, { l1, l2 }: Penalty): number {
  let [absolute, squared] = [0, 0];
  for (const value of values) {
    absolute += Math.abs(value);
    squared += value * value;
  }
  return l1 * absolute + l2 * squared;
}

/** Where `addPenalties` reads the weights and adds the gradients. */
interface PenalizedWeights {
  readonly weights: Pick<ModelWeights, 'array'>;
  /** Gradients by weight; a weight that does not train has none. */
  readonly gradients: NamedTensors;
  /** The share of the gradients. */
  readonly share: number;
}

/**
 * Adds regularization terms to a loss, and a share of their gradients to those of the weights, in place.
 * @returns the loss with all terms
 */
export function addPenalties(
  penalties: readonly Penalty[],
  loss: number,
  { weights, gradients, share }: PenalizedWeights,
): number {
  let sum = loss;
  for (const penalty of penalties) {
    const values = weights.array(penalty.weight);
    sum += penaltyValue(values, penalty);
    const gradient = gradients.get(penalty.weight);
    if (gradient !== undefined) addPenaltyGradient(gradient.data, values, penalty, share);
  }
  return sum;
}

/** Adds a share of a penalty's gradient, l1 sign(w) + 2 l2 w. */
function addPenaltyGradient(gradient: Float32Array, values: Float32Array, { l1, l2 }: Penalty, share: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    gradient[i] = (gradient[i] ?? 0) + share * (l1 * Math.sign(value) + 2 * l2 * value);
  }
}
