import { setImmediate as nextTurn } from 'node:timers/promises';
import { product } from '../arithmetic.ts';
import type { EngineNetwork } from './engine.ts';
import { batchRows, type Examples, gatherBatches } from './examples.ts';
import type { Loss } from './losses/loss.ts';
import type { LabelledLogits } from './metrics/labelled-logits.ts';

/** The logits of a network for examples, row-major, and its loss on them. */
export interface Predictions extends LabelledLogits {
  /** The mean loss, weighted by example, without penalties. */
  readonly loss: number;
}

/**
 * Input values of a batch in evaluation: 27 images of 224 pixels. Intermediate values take several times as much
 * memory.
 */
const INPUT_VALUES = 2 ** 22;
const LARGEST_BATCH = 256;

/** The number of examples to evaluate at once: enough to be fast, and no more than training has memory for. */
export function evaluationBatchSize(inputShape: readonly number[]): number {
  return Math.min(LARGEST_BATCH, Math.max(1, Math.floor(INPUT_VALUES / product(inputShape))));
}

/**
 * Runs a network on examples in inference mode, in their order. Awaits `between` after each batch, so that the process
 * can do other work.
 */
export async function predictLogits(
  network: EngineNetwork,
  examples: Examples,
  loss: Loss,
  { between = nextTurn }: { readonly between?: () => Promise<unknown> } = {},
): Promise<Predictions> {
  const { count, classes, inputShape } = examples;
  const logits = new Float32Array(count * classes);
  const targets = new Float32Array(count * classes);
  let sum = 0;
  let row = 0;
  for await (const batch of gatherBatches(examples, batchRows(count, evaluationBatchSize(inputShape)))) {
    const rows = batch.targets.length / classes;
    const evaluated = await network.evaluate(batch, loss);
    logits.set(evaluated.logits, row * classes);
    targets.set(batch.targets, row * classes);
    sum += evaluated.loss * rows;
    row += rows;
    await between();
  }
  return { task: loss.task, count, classes, logits, targets, loss: sum / count };
}
