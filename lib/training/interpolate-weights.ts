/**
 * Interpolation between the weights before and after fine-tuning (Wortsman et al., Robust fine-tuning of zero-shot
 * models, arXiv:2109.01903). With few images, a point in between is often better than the end. The share is chosen on
 * images that were not used for training.
 */
import { INTERPOLATION_SHARES } from '../contracts/job-spec.ts';
import { fitTemperature } from './calibration/fit-temperature.ts';
import { scaleLogits, uniformScaling } from './calibration/logit-scaling.ts';
import type { EngineNetwork } from './engine.ts';
import type { Examples } from './examples.ts';
import type { Loss } from './losses/loss.ts';
import { imageLosses } from './metrics/negative-log-likelihood.ts';
import { type ComparedImages, chanceOf, standardError, weightedMean } from './paired-difference.ts';
import { type Predictions, predictLogits } from './predict-logits.ts';
import type { Snapshot } from './snapshot.ts';

export interface Interpolation {
  readonly share: number;
  /** Mean validation loss for each share, by the weights of the images, after calibrating each model with one temperature. */
  readonly losses: ReadonlyMap<number, number>;
}

/** The images that the share is chosen on. */
export interface ValidationImages extends ComparedImages {
  readonly validation: Examples;
  readonly loss: Loss;
}

/** Sets a network's weights between two snapshots: `share` of the way from the first to the second. */
export function interpolateWeights(network: EngineNetwork, before: Snapshot, after: Snapshot, share: number): void {
  const interpolated = new Map(
    [...before].map(([name, from]) => [name, { ...from, values: interpolate(from.values, after.get(name)?.values, share) }]),
  );
  network.restore(interpolated);
}

/**
 * Sets a network to the interpolation of two snapshots with the lowest validation loss.
 * @param canKeepFrozen whether to allow a share of 0, the weights before fine-tuning
 */
export async function chooseInterpolation(
  network: EngineNetwork,
  { before, after, canKeepFrozen }: { readonly before: Snapshot; readonly after: Snapshot; readonly canKeepFrozen: boolean },
  { validation, loss, ...compared }: ValidationImages,
): Promise<Interpolation> {
  const losses = new Map<number, Float64Array>();
  for (const share of INTERPOLATION_SHARES) {
    interpolateWeights(network, before, after, share);
    losses.set(share, await calibratedLosses(await predictLogits(network, validation, loss)));
  }
  const share = bestShare(losses, canKeepFrozen, compared);
  interpolateWeights(network, before, after, share);
  return { share, losses: new Map([...losses].map(([at, ofImages]) => [at, weightedMean(ofImages, compared.weights)])) };
}

/**
 * Returns the share with the lowest mean loss. A share of 0 must be better by more than chance: few validation images
 * are weak evidence against weights that were trained on more images.
 * @param losses for each share, one loss per image
 * @param compared how the images count
 */
export function bestShare(
  losses: ReadonlyMap<number, Float64Array>,
  canKeepFrozen: boolean,
  compared: ComparedImages = {},
): number {
  const moved = [...losses].filter(([share]) => share > 0);
  const meanOf = (ofImages: Float64Array): number => weightedMean(ofImages, compared.weights);
  const [share, best] = moved.reduce((best, next) => (meanOf(next[1]) < meanOf(best[1]) ? next : best));
  const stay = losses.get(0);
  if (!canKeepFrozen || stay === undefined) return share;
  const worse = best.map((loss, i) => loss - (stay[i] ?? 0));
  return meanOf(worse) > chanceOf(standardError(worse, compared)) ? 0 : share;
}

/**
 * Computes the loss of each image with calibrated probabilities, as in the served model. Fine-tuned weights are
 * overconfident, which does not change how often they are wrong.
 */
async function calibratedLosses(scores: Predictions): Promise<Float64Array> {
  const scale = 1 / (await fitTemperature(scores));
  return imageLosses(scaleLogits(scores, uniformScaling(scores.classes, scale)));
}

function interpolate(from: Float32Array, to: Float32Array | undefined, share: number): Float32Array {
  if (to === undefined) throw new TypeError('the copies are of different models');
  return from.map((value, i) => value + share * ((to[i] ?? value) - value));
}
