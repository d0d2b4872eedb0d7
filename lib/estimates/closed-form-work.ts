/** The work of linear heads that are fitted in closed form, as in lib/training/closed-form. */

import { closedFormModel, MOST_CHOOSING, MOST_COMPARED } from '../contracts/closed-form-limits.ts';
import type { MachineRates } from '../contracts/machine-profile.ts';
import { hasTail } from '../freezing/cut-plan.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';
import { stageColumns } from '../freezing/stage-columns.ts';
import { CALIBRATION_FOLDS, COMPARISON_FOLDS, calibrationFolds } from '../heads/calibration-folds.ts';
import { comparesByFolds } from './job-trainings.ts';
import type { WorkFacts } from './work-facts.ts';

/** One fit of a head, and the choice of its strengths if that comes first. */
export interface ClosedFormWork {
  readonly rows: number;
  readonly columns: number;
  readonly model: 'logistic' | 'ridge';
  /** Number of regressions whose average is the head. */
  readonly terms: number;
  /** The share of all weightings of the stages whose strengths are chosen first; 0 if they are known. */
  readonly choice: number;
}

/** Regressions that usually have a weight, of the four or five that are compared. */
const TERMS = 3;
/** The share of a comparison that fits only the weighting that counts all stages alike. */
const ONE_WEIGHTING = 0.25;

/*
 * Constants of the time, from CPU seconds of `npm run -s bench -- closed-form` for 200 to 100,000 rows, and from one core
 * of the reference machine.
 */
/** A product of two columns or rows takes as long as this many multiply-adds of a convolution, with its conversions. */
const PRODUCT = 4;
/** The same for the third power of the size, for each regression: factors, an inverse, and steps if it is logistic. */
const SOLUTION = { logistic: 9, ridge: 2 };
/** Multiplications in JavaScript for the third power of the rows to choose strengths: factors, or eigenvectors. */
const CHOICE = { logistic: 8, ridge: 25 };
/** Multiplications in JavaScript for each number of the features: moments, standardization. */
const PREPARATION = 20;

/** The time of a fit. The products run on all cores. */
export function closedFormSeconds(
  { rows, columns, model, terms, choice }: ClosedFormWork,
  { trunk, script }: MachineRates,
): number {
  const chosen = Math.min(rows, MOST_CHOOSING);
  const choosing =
    choice === 0 ? 0 : (choice * CHOICE[model] * chosen ** 3 * script + PRODUCT * chosen ** 2 * columns * trunk.dense) / 1e9;
  // More rows than that are summed, so that pairs of columns are multiplied instead of pairs of rows.
  const products = rows > MOST_COMPARED ? rows * columns ** 2 : rows ** 2 * columns;
  const size = rows > MOST_COMPARED ? columns : rows;
  const fitting =
    (PRODUCT * products + terms * SOLUTION[model] * size ** 3) * trunk.dense + PREPARATION * rows * columns * script;
  return choosing + fitting / 1e9;
}

/** The fits of a head on all stages: of its training, its calibration, its retraining and its cross-validation. */
export function stageHeads(facts: WorkFacts): readonly ClosedFormWork[] {
  const { spec, report, option, split, trainAndValidation, validations } = facts;
  if (!beginsWithStages(spec, split.train)) return [];
  const { folds = 1, refit: retrains } = spec.training;
  const fit = (rows: number, choice = 0) => fitOf(rows, facts, { choice });
  // Logistic regressions of all folds are one fit.
  const foldsOf = (count: number, all: number) =>
    closedFormModel(spec.task, trainAndValidation, report.classes.length) === 'logistic'
      ? Array.from({ length: Math.min(1, count) }, () => fit(trainAndValidation))
      : Array.from({ length: count }, () => fit((trainAndValidation * (all - 1)) / all));
  const calibrating = calibrationFolds({ validationImages: split.validation, images: trainAndValidation, headParameters: 0 });
  const trained = [fit(split.train, 1), ...foldsOf(calibrating, CALIBRATION_FOLDS)];
  // Of a head that a fine-tuning has to beat.
  if (hasTail(option.plan)) return [...trained, ...foldsOf(comparesByFolds(facts) ? COMPARISON_FOLDS : 0, COMPARISON_FOLDS)];
  return [
    ...trained,
    ...(retrains ? [fit(trainAndValidation)] : []),
    // Repeats with other seeds would be equal.
    ...Array.from({ length: folds > 1 ? validations : Math.min(1, validations) }, () =>
      fit(folds > 1 ? (trainAndValidation * (folds - 1)) / folds : split.train),
    ),
  ];
}

/** Two heads that a job compares on up to 400 images. @param wide whether all weightings of the stages are compared */
export function comparedHeads(facts: WorkFacts, { wide }: { readonly wide: boolean }): readonly ClosedFormWork[] {
  const how = wide ? { choice: 1 } : { choice: ONE_WEIGHTING, terms: 1 };
  return Array.from({ length: 2 }, () => fitOf(facts.sample, facts, how));
}

function fitOf(
  rows: number,
  facts: WorkFacts,
  { choice, terms = TERMS }: Pick<ClosedFormWork, 'choice'> & { readonly terms?: number },
): ClosedFormWork {
  const { spec, report, trainAndValidation } = facts;
  const model = closedFormModel(spec.task, Math.max(rows, trainAndValidation), report.classes.length);
  return { rows, columns: columnsFor(rows, facts), model, terms, choice };
}

/** With so many images that rows are summed, the quarters of maps are left out. */
function columnsFor(rows: number, { spec, trainAndValidation }: WorkFacts): number {
  const { whole, quarters } = stageColumns(spec.backbone);
  return Math.max(rows, trainAndValidation) > MOST_COMPARED ? whole : whole + quarters;
}
