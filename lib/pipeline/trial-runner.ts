import { sum } from '../arithmetic.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { Trial } from '../contracts/search-spec.ts';
import { deleteCheckpoints } from '../jobs/attempt-checkpoints.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import { rungsFor } from '../search/halving.ts';
import type { TriedSpec } from '../search/trial-spec.ts';
import { deviceError } from '../tensor/device-error.ts';
import { freeVariables } from '../tensor/free-variables.ts';
import { isDivergence } from '../training/divergence.ts';
import { isTrainingOutOfMemory } from '../training/out-of-memory.ts';
import { oncePerJob } from './once-per-trial.ts';
import { type KnownEvidence, planTraining } from './plan-training.ts';
import { scoreTrial } from './score-trial.ts';
import { startStopwatch } from './stopwatch.ts';
import { trainPlan } from './train-plan.ts';
import type { TrainingContext } from './training-context.ts';
import { compareWithDefault, TrialOutcome, type TrialScores } from './trial-outcome.ts';

/** Trains and scores the trials of a search. */
export interface TrialRunner {
  /**
   * Trains a trial from its beginning for its share of the epochs on a rung, and compares it with the default on the
   * images that it was not trained on. If an earlier attempt of the job has done this, returns its outcome.
   * @param trial counted from 0; that of the default runs first on each rung
   * @param rung counted from 0
   * @throws as trainPlan, unless the error is the trial's own: then that is in its outcome
   */
  run(trial: number, rung: number): Promise<TrialOutcome>;
}

/**
 * Opens the runner of a search's trials, which share features and the evidence of strategy `auto`.
 * @param reference index of the default
 */
export function openTrialRunner(context: TrainingContext, trials: readonly TriedSpec[], reference: number): TrialRunner {
  const { job, world, jobContext } = context;
  const rungs = rungsFor(trials.length);
  const total = sum(rungs.map((rung) => rung.trials));
  const evidence: KnownEvidence = new Map();
  /** The outcomes of the default on each rung. */
  const references = new Map<number, TrialOutcome>();
  let done = 0;
  // Also replaces what a trial reports of its features and epochs, which are steps of the search.
  const report = () => jobContext.report({ stage: 'search', done, total });

  async function trainAndCompare(index: number, rung: number): Promise<TrialOutcome> {
    const { values = {}, spec = job.spec } = trials[index] ?? {};
    const share = shareOn(rung);
    report();
    const tried = trialContext(context, { spec: shortened(spec, share), part: trialPart(index, rung), report });
    const scores = await freeVariables(() => trainAndScore(tried, evidence, share === 1));
    const { losses, validationLosses, ...measured } = scores;
    const trial: Trial = { trial: index + 1, rung: rung + 1, rungs: rungs.length, share, values, ...measured };
    const outcome = { trial, losses, ...(validationLosses && { validationLosses }) };
    return compareWithDefault(outcome, references.get(rung), context.dataset);
  }

  function shareOn(rung: number): number {
    return rungs[rung]?.share ?? 1;
  }

  return {
    async run(index, rung) {
      const part = trialPart(index, rung);
      const once = oncePerJob(`trials/${part.slice(0, -1)}`, TrialOutcome, context);
      const outcome = await loadOrCompute(once, world.store, async () => {
        const found = await trainAndCompare(index, rung);
        jobContext.report({ stage: 'search', done: done + 1, total, trial: found.trial });
        world.log('trial', { job: job.id, ...found.trial });
        return found;
      });
      if (index === reference) references.set(rung, outcome);
      // Trials of the last rung train like the final model, which continues from their checkpoints.
      if (shareOn(rung) < 1) await deleteCheckpoints(job, world.store, part);
      done++;
      return outcome;
    },
  };
}

/** The part of a trial's training on a rung. @param trial counted from 0 @param rung counted from 0 */
export function trialPart(trial: number, rung: number): string {
  return `trial-${trial + 1}-rung-${rung + 1}-`;
}

interface TrialTraining {
  readonly spec: JobSpec;
  readonly part: string;
  readonly report: () => void;
}

/** The context to train a trial in: without the test images, and nobody can publish it. */
function trialContext(context: TrainingContext, { spec, part, report }: TrialTraining): TrainingContext {
  const { finish: _, reportInterim: __, ...jobContext } = context.jobContext;
  return {
    ...context,
    job: { ...context.job, spec },
    part,
    split: { ...context.split, test: [] },
    jobContext: { ...jobContext, report },
  };
}

async function trainAndScore(context: TrainingContext, evidence: KnownEvidence, isWhole: boolean): Promise<TrialScores> {
  const secondsSoFar = startStopwatch(context.world.clock);
  try {
    const trained = await trainPlan(await planTraining(context, evidence), context);
    const scored = await scoreTrial(trained, isWhole, context).finally(() => trained.close());
    return { ...scored, seconds: secondsSoFar() };
  } catch (thrown) {
    const error = deviceError(thrown);
    const hasFailed = isTrainingOutOfMemory(error) || isDivergence(error);
    // The trial drops out, and the search goes on. A retryable error is for another attempt.
    if (hasFailed && !error.retryable) return { seconds: secondsSoFar(), error: error.code, losses: [] };
    throw error;
  }
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
