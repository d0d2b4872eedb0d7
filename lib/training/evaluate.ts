import type * as tfl from '@tensorflow/tfjs-layers';
import type { Examples } from './examples.ts';
import type { Loss } from './losses/loss.ts';
import { accuracyOf } from './metrics/accuracy.ts';
import { predictLogits } from './predict-logits.ts';

export interface Metrics {
  readonly loss: number;
  readonly accuracy: number;
}

/** How good a model is on examples. */
export async function evaluate(model: tfl.LayersModel, examples: Examples, loss: Loss): Promise<Metrics> {
  const predictions = await predictLogits(model, examples, loss);
  return { loss: predictions.loss, accuracy: accuracyOf(loss.task, predictions) };
}
