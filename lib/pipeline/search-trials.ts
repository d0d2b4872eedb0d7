/** Tries several specs on the validation images, and chooses the spec to train. */
import { sum } from '../arithmetic.ts';
import type { SearchResult, Trial } from '../contracts/search-spec.ts';
import { RuntimeError } from '../errors.ts';
import { resolveTrials } from '../estimates/resolve-spec.ts';
import { chooseTrial } from '../search/choose-trial.ts';
import { halve } from '../search/halving.ts';
import { type TrainingContext, withSpec } from './training-context.ts';
import { openTrialRunner, trialPart } from './trial-runner.ts';

/**
 * The part of the job's last training if its trial has not trained for all epochs: the checkpoints of shorter trials are
 * deleted, also by an attempt that resumes.
 */
const FINAL_PART = 'final-';

export interface SearchOutcome {
  /** The context to train the best trial's spec in. It continues from the trial's checkpoints if that trained for all epochs. */
  readonly context: TrainingContext;
  /** Undefined if the job does not search. */
  readonly search: SearchResult | undefined;
}

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
  const { job, world } = context;
  const { search } = job.spec;
  if (search === undefined) return { context, search };
  const trials = await resolveTrials(job.spec, world.store);
  const reference = trials.findIndex(({ isDefault }) => isDefault);
  const { run } = openTrialRunner(context, trials, reference);
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
  world.log('search', { job: job.id, best: best.trial, reason });
  // The last run of the default may be on a later rung than the one that compares trials.
  const lastRun = last.get(best.trial - 1)?.trial ?? best;
  return {
    context: { ...context, job: withSpec(job, spec), part: finalPart(lastRun) },
    search: { trials: all, best: best.trial, default: reference + 1, reason },
  };
}

/** The part of the training of a trial's spec for all epochs, by the trial's last run. */
function finalPart({ trial, rung, share, error }: Trial): string {
  return share === 1 && error === undefined ? trialPart(trial - 1, rung - 1) : FINAL_PART;
}

function allTrialsFailed(trials: readonly Trial[]): RuntimeError {
  return new RuntimeError('SEARCH_ALL_TRIALS_FAILED', {
    at: 'search.over',
    expected: 'a trial that ends',
    received: trials.map(({ trial, error }) => `trial ${trial}: ${error}`),
    fix: 'lower the learning rates of the search, or the batch sizes if it ran out of memory',
  });
}
