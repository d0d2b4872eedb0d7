import type { HeadLayer } from '../contracts/head-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';

/** The layers before the output layer that have no weights. */
const WITHOUT_WEIGHTS: ReadonlySet<HeadLayer['layer']> = new Set([
  'flatten',
  'globalAveragePool',
  'globalMaxPool',
  'activation',
  'dropout',
]);

/** Tells whether only the output layer of a head has weights, also one that is not written out. */
export function trainsOutputAlone(head: readonly HeadLayer[]): boolean {
  return head.every(({ layer }) => WITHOUT_WEIGHTS.has(layer) || layer === 'output' || layer === 'cosineOutput');
}

/**
 * Tells whether several heads can be trained side by side with the same results as one by one. This holds if only the
 * last layer has weights, each class has its own, and no part of the training combines all weights or all targets of an
 * example.
 */
export function canTrainInParallel(head: readonly HeadLayer[], { optimizer, mix, classWeights }: TrainingSpec): boolean {
  const isLinear = head.every(({ layer }) => layer === 'dropout' || layer === 'output');
  const isClipped = optimizer.clipNorm !== undefined || optimizer.globalClipNorm !== undefined;
  return isLinear && !isClipped && mix === undefined && classWeights === 'none';
}

/**
 * Tells whether the loss of a head on frozen features has a single minimum: a cross-entropy with L2 whose only weights
 * are those of the output layer. Layers without weights, even nonlinear ones, keep it convex: the output layer sees
 * constants, and Dropout averages over scaled ones. A layer with weights makes a product of weights, which is not convex
 * (gamma of BatchNormalization times the kernel), and the focal loss is not convex in the logits.
 */
export function isConvex(head: readonly HeadLayer[], { loss }: Pick<TrainingSpec, 'loss'>): boolean {
  const output = head.at(-1);
  if (loss.name !== 'crossEntropy' || output?.layer !== 'output' || output.l2 === 0) return false;
  return trainsOutputAlone(head);
}
