import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Metrics } from '../contracts/metrics.ts';
import { evaluate } from '../training/evaluate.ts';
import type { Examples } from '../training/examples.ts';
import type { Loss } from '../training/losses/loss.ts';
import { tuneThresholds } from '../training/metrics/tune-thresholds.ts';
import { predictLogits } from '../training/predict-logits.ts';
import { calibrateHead } from './calibrate-head.ts';

export interface Judged {
  /** What the logits were divided by. */
  readonly temperature: number;
  /** Of each label for multi-label: the probability from which it is given. */
  readonly thresholds: readonly number[] | undefined;
  readonly metrics: Metrics;
}

/**
 * Sets a network's confidence right by validation images, and says how good it is on them.
 * @param network features to logits @param head the part of it whose last layer gives the logits
 */
export async function judgeNetwork(
  { network, head }: { readonly network: LayersModel; readonly head: LayersModel },
  validation: Examples,
  loss: Loss,
  labels: readonly string[],
): Promise<Judged> {
  const judged = await predictLogits(network, validation, loss);
  const temperature = calibrateHead(head, judged);
  const thresholds = loss.task === 'multi-label' ? tuneThresholds(judged) : undefined;
  return { temperature, thresholds, metrics: await evaluate(network, validation, loss, labels, thresholds) };
}
