import { hasTail } from '../freezing/cut-plan.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';
import { COMPARISON_FOLDS, calibrationFolds, ENOUGH_VALIDATION_IMAGES } from '../heads/calibration-folds.ts';
import { canTrainInParallel } from '../heads/head-properties.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { retrainEpochs, type TrainingWork, trainingOfHead, trainingOfTail } from './training-work.ts';
import { tailCost, type WorkFacts } from './work-facts.ts';

/** All trainings of a job: those of its plan, and those that repeat them on other images. */
export function trainingsOf(facts: WorkFacts): readonly TrainingWork[] {
  const { spec, option, split, trainAndValidation, validations } = facts;
  const { plan } = option;
  const { folds = 1, refit: retrains } = spec.training;
  const heads = headTrainings(facts);
  const tails = facts.tuned.map((of) =>
    trainingOfTail(spec, tailCost(facts, of), split, { plan: of, optional: option.chosenBy === 'auto' }),
  );
  // Retraining repeats the head and the last tail.
  const recipe = [...heads, ...tails.slice(-1)];
  const repeated = (times: number, images: number): TrainingWork[] =>
    Array.from({ length: times }, () => recipe.map((of) => ({ ...of, images, ...retrainEpochs(spec, of) }))).flat();
  return [
    ...heads,
    ...tails,
    ...repeated(retrains && plan.trains !== 'tail' ? 1 : 0, trainAndValidation),
    ...repeated(comparesByFolds(facts) ? COMPARISON_FOLDS : 0, (trainAndValidation * (COMPARISON_FOLDS - 1)) / COMPARISON_FOLDS),
    ...calibrations(heads, facts),
    ...repeated(validations, folds > 1 ? (trainAndValidation * (folds - 1)) / folds : split.train),
  ];
}

/** A head on all stages is fitted without training steps; a one-class model has no head. */
function headTrainings({ spec, option: { plan }, head, split }: WorkFacts): readonly TrainingWork[] {
  const isTrained = plan.trains === 'head-then-tail' || (plan.trains === 'head' && spec.task !== 'one-class');
  return isTrained ? [trainingOfHead(spec, { pass: head, parameters: head.parameters }, split)] : [];
}

/** Strategy `auto` compares a fine-tuned network with a head on all stages by folds where validation images are few. */
export function comparesByFolds({ spec, option: { chosenBy, plan }, split }: WorkFacts): boolean {
  const isCompared = chosenBy === 'auto' && hasTail(plan) && beginsWithStages(spec, split.train);
  return isCompared && split.validation < ENOUGH_VALIDATION_IMAGES;
}

/**
 * Calibration trains heads on frozen features again, so that they score images that they were not trained on: in
 * parallel, or one after the other.
 */
function calibrations(heads: readonly TrainingWork[], facts: WorkFacts): readonly TrainingWork[] {
  const { spec, option, split, trainAndValidation, head } = facts;
  const counted = { validationImages: split.validation, images: trainAndValidation, headParameters: head.parameters };
  const folds = hasTail(option.plan) ? 0 : calibrationFolds(counted);
  const isParallel = canTrainInParallel(splitPooling(spec.head).head, spec.training);
  return Array.from({ length: isParallel ? Math.min(1, folds) : folds }, () =>
    heads.map((of) => ({
      ...of,
      images: trainAndValidation,
      trained: of.trained * (isParallel ? folds : 1),
      ...retrainEpochs(spec, of),
    })),
  ).flat();
}
