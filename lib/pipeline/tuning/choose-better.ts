/** Chooses the network of a job to publish: the simpler one, unless another is significantly better. */
import { evidenceKeys } from '../../contracts/strategy-evidence.ts';
import type { TuningPlan } from '../../freezing/plan-strategy.ts';
import { type Calibration, calibrate } from '../../training/calibration/calibrate.ts';
import type { ComparedImages } from '../../training/paired-difference.ts';
import { comparedImages } from '../comparisons/compared-images.ts';
import { gainNumbers, sentencesAfter, withSentence } from '../extend-strategy.ts';
import { calibrationOptions, validationScores } from '../held-out-scores.ts';
import type { FineTunedNetwork, HeldOutScores, TrainedHead, TrainedNetwork } from '../network.ts';
import type { TrainingContext } from '../training-context.ts';
import { averageLogits, averageNetworks } from './average-networks.ts';
import { type ComparedScores, scoreByFolds } from './compare-by-folds.ts';
import { describeGains, type Gains, gainsOver, isBetter, isNoWorse } from './network-gains.ts';

/**
 * The fine-tuned network where its loss is lower than that of the frozen one, or it makes fewer errors, by more than one
 * standard error, and neither is worse by as much, on images that neither network was trained on: smaller differences
 * may be chance. Few validation images show little, so both networks are then compared by cross-validation, unless the
 * validation images already show that the fine-tuned one is worse. With `effort: "best"`, the average of both must be
 * better than the chosen one in the same way.
 * @param tuned the fine-tuned network, or the head that remains if the fine-tuning was left out or not kept
 * @param plan of the fine-tuning
 * @returns one of the two, or their average
 * @throws as scoreByFolds, averageNetworks, yieldToEventLoop
 */
export async function chooseBetter(
  frozen: TrainedHead,
  tuned: TrainedNetwork,
  plan: TuningPlan,
  context: TrainingContext,
): Promise<TrainedNetwork> {
  // What the fine-tuning measured belongs to the evidence of any result.
  const known = { ...tuned.strategy.evidence, ...frozen.strategy.evidence };
  if (tuned.trains !== 'head-then-tail') return explained(frozen, sentencesAfter(tuned.strategy.reason, plan.reason), known);
  const compared = await compare(frozen, tuned, plan, context);
  const { loss, errors } = compared.tuning;
  const isTuned = isBetter(compared.tuning);
  const found = describeGains(compared.tuning, 'the best frozen network', describedImages(compared));
  const evidence = {
    ...known,
    ...gainNumbers(evidenceKeys.tuningGain, loss),
    ...(errors && gainNumbers(evidenceKeys.errorGain, errors)),
  };
  const better = isTuned
    ? explained(tuned, `Fine-tuning was kept: ${found}.`, evidence)
    : explained(frozen, `Fine-tuning was tried and not kept: ${found}.`, evidence);
  const chosen = isTuned && compared.byFolds ? { ...better, held: compared.byFolds.tuned } : better;
  return averageIfBetter({ frozen, tuned, chosen, isTuned }, compared, plan, context);
}

/** The comparison of a frozen and a fine-tuned network on images that neither was trained on. */
interface Compared {
  readonly tuning: Gains;
  readonly frozen: Calibration;
  readonly tuned: Calibration;
  /** How the scores' images count. */
  readonly images: ComparedImages;
  /** The scores by cross-validation; undefined if the validation images decide. */
  readonly byFolds: ComparedScores | undefined;
}

async function compare(
  frozen: TrainedHead,
  tuned: FineTunedNetwork,
  { carriesStages = false }: TuningPlan,
  context: TrainingContext,
): Promise<Compared> {
  const calibrations = async (scores: ComparedScores) => ({
    frozen: await calibrated(scores.frozen, context),
    tuned: await calibrated(scores.tuned, context),
  });
  const scores = { frozen: await validationScores(frozen, context), tuned: await validationScores(tuned, context) };
  const onValidation = await calibrations(scores);
  const ofValidation = comparedImages(scores.frozen.rows, context);
  const first = gainsOver(onValidation.tuned.heldOut, onValidation.frozen.heldOut, ofValidation);
  const mayBeBetter = carriesStages || isNoWorse(first);
  const byFolds = mayBeBetter ? await scoreByFolds(frozen, tuned, context) : undefined;
  if (byFolds === undefined) return { ...onValidation, tuning: first, images: ofValidation, byFolds };
  const onFolds = await calibrations(byFolds);
  const images = comparedImages(byFolds.frozen.rows, context);
  const tuning = gainsOver(onFolds.tuned.heldOut, onFolds.frozen.heldOut, images);
  return { ...onFolds, tuning, images, byFolds };
}

function describedImages({ byFolds, images: { weights } }: Compared) {
  return { byFolds: byFolds !== undefined, weights };
}

interface Candidates {
  readonly frozen: TrainedHead;
  readonly tuned: FineTunedNetwork;
  /** One of them, the better one. */
  readonly chosen: TrainedNetwork;
  /** Whether that is the fine-tuned one. */
  readonly isTuned: boolean;
}

/**
 * The average of both networks, where it is better than the better one, as the fine-tuned network has to be. Without
 * `effort: "best"`, the better one, with a reason that names the average's gain.
 */
async function averageIfBetter(
  { frozen, tuned, chosen, isTuned }: Candidates,
  compared: Compared,
  { carriesStages = false }: TuningPlan,
  context: TrainingContext,
): Promise<TrainedNetwork> {
  const average = averageLogits(compared.frozen.heldOut, compared.tuned.heldOut);
  const reference = isTuned ? compared.tuned : compared.frozen;
  const averaging = gainsOver(average, reference.heldOut, compared.images);
  const evidence = gainNumbers(evidenceKeys.averageGain, averaging.loss);
  const found = describeGains(averaging, 'the better of the two', describedImages(compared));
  if (!isBetter(averaging)) {
    return carriesStages ? explained(chosen, `Their average was not kept: ${found}.`, evidence) : chosen;
  }
  if (!carriesStages) return explained(chosen, `Effort best publishes their average: ${found}.`, evidence);
  const scalings = { frozen: compared.frozen.scaling, tuned: compared.tuned.scaling };
  const averaged = await averageNetworks(frozen, tuned, scalings, context);
  const held = compared.byFolds && { held: { ...compared.byFolds.tuned, scores: average } };
  const why =
    'The model averages the frozen and the fine-tuned network, and computes the layers after ' +
    `${tuned.trunk.cut} twice: ${found}.`;
  // The average contains the fine-tuned network, also where that alone was not kept.
  const strategy = { ...tuned.strategy, evidence: chosen.strategy.evidence };
  return explained({ ...averaged, strategy, ...held }, why, evidence);
}

function explained(network: TrainedNetwork, sentence: string, evidence: Readonly<Record<string, number>>): TrainedNetwork {
  return { ...network, strategy: withSentence(network.strategy, sentence, evidence) };
}

/**
 * Calibrates the scores, those of each fold on the other folds. The published network is calibrated, too: one that is
 * only overconfident is not worse.
 */
async function calibrated(held: HeldOutScores, context: TrainingContext): Promise<Calibration> {
  return calibrate(held.scores, calibrationOptions(held, context));
}
