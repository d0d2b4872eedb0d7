/** Tries several specs on the validation images, and says which of them is to be trained. */
import type { JobSpec } from '../contracts/job-spec.ts';
import { type SearchResult, type SearchSpec, Trial } from '../contracts/search-spec.ts';
import { GraftError, RuntimeError } from '../errors.ts';
import { deleteCheckpoints, findOnce } from '../jobs/attempt-checkpoints.ts';
import { resolveTrials } from '../jobs/resolve-spec.ts';
import { judgeNetwork } from '../models/judge-network.ts';
import { halve, rungsFor } from '../search/halving.ts';
import { startStopwatch } from '../stopwatch.ts';
import { freeVariables } from '../tensor/free-variables.ts';
import type { TensorRuntime } from '../tensor/tensor-runtime.ts';
import { lossFor } from '../training/losses/loss-for.ts';
import { type KnownEvidence, planTraining } from './plan-training.ts';
import type { TrainingContext } from './prepare-examples.ts';
import { taskOf } from './train-phases.ts';
import { trainPlan } from './train-plan.ts';

/** A trial that ends so is lost; the search goes on. */
const LOST = new Set(['LOSS_NOT_FINITE', 'WEIGHTS_NOT_FINITE', 'MEMORY_TOO_SMALL', 'DEVICE_OUT_OF_MEMORY']);

export interface Found {
  /** To train the best trial's spec in; what its last trial has left is gone on from. */
  readonly context: TrainingContext;
  readonly result: SearchResult;
}

/**
 * Successive halving over the specs of a search. Each trial trains from its beginning for a share of its epochs and is judged by the validation
 * images; the test images are not among those that it has. Features are shared by all. What a trial came to is kept, so that an interrupted
 * search goes on to the same end.
 * @throws RuntimeError SEARCH_WITHOUT_RESULT where every trial was lost; as trainPlan
 */
export async function searchTrials(search: SearchSpec, context: TrainingContext, runtime: TensorRuntime['name']): Promise<Found> {
  const { job, world, watch } = context;
  const trials = await resolveTrials(job.spec, world.store);
  const rungs = rungsFor(trials.length);
  const total = rungs.reduce((sum, rung) => sum + rung.trials, 0);
  const known: KnownEvidence = new Map();
  let done = 0;
  const partOf = (trial: number, rung: number) => `trial-${trial + 1}-rung-${rung + 1}-`;
  const contextOf = (spec: JobSpec, part: string): TrainingContext => ({
    ...context,
    job: { ...job, spec },
    part,
    split: { ...context.split, test: [] },
    // Its features and epochs are steps of the search.
    watch: { ...watch, report: () => watch.report({ stage: 'search', done, total }) },
  });

  async function run(index: number, rung: number): Promise<Trial> {
    const { values = {}, spec = job.spec } = trials[index] ?? {};
    const { share = 1 } = rungs[rung] ?? {};
    const part = partOf(index, rung);
    const name = `outcomes/${part.slice(0, -1)}`;
    const outcome = await findOnce({ job, name, schema: Trial }, world.store, async () => {
      watch.report({ stage: 'search', done, total });
      const tried = contextOf(shortened(spec, share), part);
      const came = await freeVariables(() => tryOut(tried, runtime, known));
      const trial = { trial: index + 1, rung: rung + 1, rungs: rungs.length, share, values, ...came };
      watch.report({ stage: 'search', done: done + 1, total, trial });
      world.log('trial', { job: job.id, ...trial });
      return trial;
    });
    // The last ones train as the model will: that need not be done twice.
    if (share < 1) await deleteCheckpoints(job, world.store, part);
    done++;
    return outcome;
  }

  const { best, last } = await halve(trials.length, {
    run,
    score: ({ negativeLogLikelihood = Number.POSITIVE_INFINITY }) => negativeLogLikelihood,
    mayGoOn: (outcomes) => outcomes.reduce((sum, { seconds }) => sum + seconds, 0) < search.budgetMinutes * 60,
  });
  const spec = best && trials[best.trial]?.spec;
  if (best === undefined || spec === undefined) throw withoutResult([...last.values()]);
  return {
    context: { ...context, job: { ...job, spec }, part: partOf(best.trial, best.rung) },
    result: { trials: [...last.values()].sort((a, b) => a.trial - b.trial), best: best.trial + 1 },
  };
}

type Outcome = Omit<Trial, 'trial' | 'rung' | 'rungs' | 'share' | 'values'>;

async function tryOut(context: TrainingContext, runtime: TensorRuntime['name'], known: KnownEvidence): Promise<Outcome> {
  const { job, world, dataset } = context;
  const time = startStopwatch(world.clock);
  try {
    const trained = await trainPlan(await planTraining(context, runtime, known), context);
    const loss = lossFor(taskOf(job), job.spec.training);
    const { metrics } = await judgeNetwork(trained, trained.examples.validation, loss, dataset.labels);
    await trained.close();
    const { negativeLogLikelihood, accuracy, meanAveragePrecision } = metrics;
    return {
      strategy: trained.strategy.name,
      negativeLogLikelihood,
      ...(accuracy !== undefined && { accuracy }),
      ...(meanAveragePrecision !== undefined && { meanAveragePrecision }),
      seconds: time.total(),
    };
  } catch (error) {
    if (error instanceof GraftError && LOST.has(error.code)) return { seconds: time.total(), error: error.code };
    throw error;
  }
}

/** The same spec for a share of its epochs; each of its schedules runs through in those. */
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

function withoutResult(trials: readonly Trial[]): RuntimeError {
  return new RuntimeError('SEARCH_WITHOUT_RESULT', {
    at: 'search.over',
    expected: 'a trial that comes to its end',
    received: trials.map(({ trial, error }) => `trial ${trial}: ${error}`),
    fix: 'lower the learning rates that are tried, or the batch sizes where memory was too small',
  });
}
