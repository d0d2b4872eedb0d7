import type { HeadLayer } from '../contracts/head-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';

/** Parts that training and validation images are divided into. */
export const CALIBRATION_FOLDS = 5;
/** From so many validation images on, their scores are enough. */
const ENOUGH_VALIDATION_IMAGES = 200;
/** Scores from cross-validation: more of them cost trainings and change nothing. */
const ENOUGH_SCORES = 500;
/** Weights of a head that may be trained several times more. */
const LARGEST_HEAD = 2 ** 20;

/**
 * How many of the folds a head on frozen features is trained for, so that there are enough scores to calibrate by. Each
 * training leaves one fold out and gives the scores of its images.
 * @param of numbers of validation images, of training and validation images together, and of the head's weights
 * @returns 0 where the scores of the validation images do: there are many, or the head is large
 */
export function calibrationFolds(of: {
  readonly validationImages: number;
  readonly images: number;
  readonly headParameters: number;
}): number {
  const { validationImages, images, headParameters } = of;
  if (validationImages >= ENOUGH_VALIDATION_IMAGES || headParameters > LARGEST_HEAD) return 0;
  if (images < 2 * CALIBRATION_FOLDS) return 0;
  return Math.min(CALIBRATION_FOLDS, Math.ceil(ENOUGH_SCORES / (images / CALIBRATION_FOLDS)));
}

/**
 * Whether heads of this kind train side by side to what each would come to alone: only their last layer has weights,
 * each class its own, and nothing in the training looks at all weights, or at all targets of an example, together.
 */
export function canTrainInParallel(head: readonly HeadLayer[], { optimizer, mix, classWeights }: TrainingSpec): boolean {
  const isLinear = head.every(({ layer }) => layer === 'dropout' || layer === 'output');
  const isClipped = optimizer.clipNorm !== undefined || optimizer.globalClipNorm !== undefined;
  return isLinear && !isClipped && mix === undefined && classWeights === 'none';
}

/** Whether the loss of a head has one minimum: that of a linear head with L2. */
export function isConvex(head: readonly HeadLayer[]): boolean {
  const output = head.at(-1);
  return output?.layer === 'output' && output.l2 !== 0 && !head.some(({ layer }) => layer === 'dense');
}
