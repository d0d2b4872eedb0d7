/** Tries several specs on the validation images, and chooses the spec to train. */
import { z } from 'zod';
import { sum } from '../arithmetic.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { type SearchResult, Trial } from '../contracts/search-spec.ts';
import { GraftError, RuntimeError } from '../errors.ts';
import { resolveTrials } from '../estimates/resolve-spec.ts';
import { deleteCheckpoints } from '../jobs/attempt-checkpoints.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import { canScalePerLabel } from '../models/calibrate-head.ts';
import { chooseTrial, compareLosses, type ImageLosses } from '../search/choose-trial.ts';
import { halve, rungsFor } from '../search/halving.ts';
import { deviceError } from '../tensor/device-error.ts';
import { freeVariables } from '../tensor/free-variables.ts';
import { calibrate } from '../training/calibration/calibrate.ts';
import { metricsOf } from '../training/evaluate.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import { imageLosses } from '../training/metrics/negative-log-likelihood.ts';
import { isTrainingOutOfMemory } from '../training/out-of-memory.ts';
import { calibrationParts, heldOutScores, validationScores } from './held-out-scores.ts';
import type { HeldOutScores, TrainedNetwork } from './network.ts';
import { type KnownEvidence, planTraining } from './plan-training.ts';
import { startStopwatch } from './stopwatch.ts';
import { trainPlan } from './train-plan.ts';
import { type TrainingContext, withSpec } from './training-context.ts';

/**
 * The part of the job's last training if no trial has trained for all its epochs: the checkpoints of shorter trials are
 * deleted, also by an attempt that resumes.
 */
const FINAL_PART = 'final-';

/** A trial that fails with one of these, or is out of memory, drops out; the search goes on. */
const FAILED_TRIAL_CODES = new Set(['LOSS_NOT_FINITE', 'WEIGHTS_NOT_FINITE']);

export interface SearchOutcome {
  /** The context to train the best trial's spec in. It continues from the trial's checkpoints if that trained for all epochs. */
  readonly context: TrainingContext;
  /** Undefined if the job does not search. */
  readonly search: SearchResult | undefined;
}

/** The result of a trial with its losses, which the card does not have. */
const Outcome = z.strictObject({
  trial: Trial,
  /** For each scored image, its row in the data set and its loss. */
  losses: z.array(z.tuple([z.int(), z.number()])),
  /** The same for the validation images alone, if more images were scored. */
  validationLosses: z.array(z.tuple([z.int(), z.number()])).optional(),
});
type Outcome = z.infer<typeof Outcome>;

/**
 * Successive halving over the specs of a search. Each trial trains from its beginning for a share of its epochs, and is
 * evaluated on images that it was not trained on. On the last rung, heads on frozen features are compared by
 * cross-validation if there are few validation images. No trial uses test images. The default takes part in every rung,
 * and is trained if no trial is significantly better. All trials share features. Results of trials are stored, so an
 * interrupted search continues to the same end.
 * @returns the given context if the job does not search
 * @throws RuntimeError SEARCH_ALL_TRIALS_FAILED if every trial failed; as trainPlan
 */
export async function searchTrials(context: TrainingContext): Promise<SearchOutcome> {
  const { job, world, jobContext } = context;
  const { search } = job.spec;
  if (search === undefined) return { context, search };
  const trials = await resolveTrials(job.spec, world.store);
  const rungs = rungsFor(trials.length);
  const reference = trials.findIndex(({ isDefault }) => isDefault);
  const total = sum(rungs.map((rung) => rung.trials));
  const known: KnownEvidence = new Map();
  /** The results of the default on each rung. */
  const references = new Map<number, Outcome>();
  let done = 0;
  // Nobody can publish a trial.
  const { finish: _, reportInterim: __, ...contextOfJob } = jobContext;
  const partOf = (trial: number, rung: number) => `trial-${trial + 1}-rung-${rung + 1}-`;
  const contextOf = (spec: JobSpec, part: string): TrainingContext => ({
    ...context,
    job: { ...job, spec },
    part,
    split: { ...context.split, test: [] },
    // Its features and epochs count as steps of the search.
    jobContext: { ...contextOfJob, report: () => jobContext.report({ stage: 'search', done, total }) },
  });

  async function run(index: number, rung: number): Promise<Outcome> {
    const { values = {}, spec = job.spec } = trials[index] ?? {};
    const { share = 1 } = rungs[rung] ?? {};
    const part = partOf(index, rung);
    const name = `trials/${part.slice(0, -1)}`;
    const outcome = await loadOrCompute({ job, name, schema: Outcome }, world.store, async () => {
      jobContext.report({ stage: 'search', done, total });
      const tried = contextOf(shortened(spec, share), part);
      const { losses, validationLosses, ...scores } = await freeVariables(() => runTrial(tried, { known, isWhole: share === 1 }));
      const trial = { trial: index + 1, rung: rung + 1, rungs: rungs.length, share, values, ...scores };
      const found = compared(
        { trial, losses, ...(validationLosses && { validationLosses }) },
        references.get(rung),
        context.dataset,
      );
      jobContext.report({ stage: 'search', done: done + 1, total, trial: found.trial });
      world.log('trial', { job: job.id, ...found.trial });
      return found;
    });
    if (index === reference) references.set(rung, outcome);
    // Trials of the last rung train like the final model, which continues from their checkpoints.
    if (share < 1) await deleteCheckpoints(job, world.store, part);
    done++;
    return outcome;
  }

  const { furthest, last } = await halve(trials.length, {
    run,
    score: ({ trial: { negativeLogLikelihood = Number.POSITIVE_INFINITY } }) => negativeLogLikelihood,
    mayContinue: (outcomes) => sum(outcomes.map(({ trial }) => trial.seconds)) < search.budgetMinutes * 60,
    reference,
  });
  const all = [...last.values()].map(({ trial }) => trial).sort((a, b) => a.trial - b.trial);
  const isDefault = ({ trial }: Trial) => trial === reference + 1;
  const choice = chooseTrial(
    furthest.map(({ trial }) => trial),
    { isDefault, tried: all.filter((trial) => !isDefault(trial) && trial.negativeLogLikelihood !== undefined).length },
  );
  const spec = choice && trials[choice.best.trial - 1]?.spec;
  if (choice === undefined || spec === undefined) throw allTrialsFailed(all);
  const { best, reason } = choice;
  // The last run of the default may be on a later rung than the one that compares trials.
  const { rung, share, error } = last.get(best.trial - 1)?.trial ?? best;
  const hasTrained = share === 1 && error === undefined;
  world.log('search', { job: job.id, best: best.trial, reason });
  return {
    context: { ...context, job: withSpec(job, spec), part: hasTrained ? partOf(best.trial - 1, rung - 1) : FINAL_PART },
    search: { trials: all, best: best.trial, default: reference + 1, reason },
  };
}

/** The outcome, with the difference between the default's losses and its own. */
function compared(outcome: Outcome, reference: Outcome | undefined, dataset: TrainingContext['dataset']): Outcome {
  if (reference === undefined || outcome.losses.length === 0 || reference.losses.length === 0) return outcome;
  // If layers of the backbone train, there are only scores of the validation images.
  const both = outcome.trial.scores === reference.trial.scores;
  const of = ({ losses, validationLosses }: Outcome): ImageLosses => new Map(both ? losses : (validationLosses ?? losses));
  const { gain, standardError, images } = compareLosses(of(outcome), of(reference), dataset);
  const found = { images, gain, ...(Number.isFinite(standardError) && { standardError }) };
  return { ...outcome, trial: { ...outcome.trial, ...found } };
}

type TrialScores = Omit<Trial, 'trial' | 'rung' | 'rungs' | 'share' | 'values'> & Omit<Outcome, 'trial'>;

interface TryOptions {
  readonly known: KnownEvidence;
  /** Whether the trial trains for all its epochs: only then is cross-validation worth its time. */
  readonly isWhole: boolean;
}

async function runTrial(context: TrainingContext, options: TryOptions): Promise<TrialScores> {
  const time = startStopwatch(context.world.clock);
  try {
    const trained = await trainPlan(await planTraining(context, options.known), context);
    const scored = await scoreTrial(trained, options, context).finally(() => trained.close());
    return { ...scored, seconds: time.total() };
  } catch (thrown) {
    const error = deviceError(thrown);
    // A retryable error is for another attempt.
    const hasFailed = error instanceof GraftError && (FAILED_TRIAL_CODES.has(error.code) || isTrainingOutOfMemory(error));
    if (hasFailed && !error.retryable) return { seconds: time.total(), error: error.code, losses: [] };
    throw error;
  }
}

async function scoreTrial(
  trained: TrainedNetwork,
  { isWhole }: TryOptions,
  context: TrainingContext,
): Promise<Omit<TrialScores, 'seconds'>> {
  const onValidation = await validationScores(trained, context);
  const held = isWhole ? await heldOutScores(trained, context) : onValidation;
  const perLabel = canScalePerLabel(trained.head);
  const calibrated = (some: HeldOutScores) => {
    const foldOf = calibrationParts(some, context);
    return calibrate(some.scores, { ...(foldOf && { foldOf }), perLabel });
  };
  const { heldOut, after } = calibrated(held);
  const { accuracy, meanAveragePrecision } = metricsOf(heldOut, context.dataset.labels);
  return {
    strategy: trained.strategy.name,
    negativeLogLikelihood: after.negativeLogLikelihood,
    ...(accuracy !== undefined && { accuracy }),
    ...(meanAveragePrecision !== undefined && { meanAveragePrecision }),
    scores: held.foldOf === undefined ? 'validation' : 'cross-validation',
    images: held.scores.count,
    losses: lossesByRow(held.rows, heldOut),
    ...(held.foldOf && {
      validationLosses: lossesByRow(onValidation.rows, calibrated(onValidation).heldOut),
    }),
  };
}

function lossesByRow(rows: readonly number[], scores: LabelledLogits): [number, number][] {
  const losses = imageLosses(scores);
  return rows.map((row, i) => [row, losses[i] ?? 0]);
}

/** The spec for a share of its epochs; each of its schedules runs through within these. */
function shortened(spec: JobSpec, share: number): JobSpec {
  const { training, fineTuning } = spec;
  const { gradualUnfreezing } = fineTuning;
  const epochs = (all: number): number => Math.ceil(all * share);
  return {
    ...spec,
    training: { ...training, epochs: epochs(training.epochs) },
    fineTuning: {
      ...fineTuning,
      epochs: epochs(fineTuning.epochs),
      gradualUnfreezing: gradualUnfreezing && { epochsPerStage: epochs(gradualUnfreezing.epochsPerStage) },
    },
  };
}

function allTrialsFailed(trials: readonly Trial[]): RuntimeError {
  return new RuntimeError('SEARCH_ALL_TRIALS_FAILED', {
    at: 'search.over',
    expected: 'a trial that ends',
    received: trials.map(({ trial, error }) => `trial ${trial}: ${error}`),
    fix: 'lower the learning rates of the search, or the batch sizes if it ran out of memory',
  });
}
