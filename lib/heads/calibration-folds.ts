/** Number of folds that the training and validation images are divided into. */
export const CALIBRATION_FOLDS = 5;
/** With this many validation images, their scores suffice, to calibrate a network and to compare two. */
export const ENOUGH_VALIDATION_IMAGES = 200;
/** Folds that compare a fine-tuned network with a frozen one: each trains once more, on two thirds of the images. */
export const COMPARISON_FOLDS = 3;
/** Enough scores from cross-validation: more would cost further training runs and change nothing. */
const ENOUGH_SCORES = 500;
/** Most weights of a trained head that may be trained several more times. */
const LARGEST_HEAD = 2 ** 20;

/**
 * Returns the number of folds for which a head on frozen features is trained to get enough scores for calibration. Each
 * training run leaves one fold out and scores its images.
 * @param of numbers of validation images, of training and validation images together, and of the head's trained weights:
 *   0 of a head in closed form, whose fits take little time
 * @returns 0 if the scores of the validation images suffice, either because there are many or because the head is large
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
