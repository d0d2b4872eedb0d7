import { z } from 'zod';
import { INTERPOLATION_SHARES, type JobSpec } from '../../contracts/job-spec.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { batchRows, subsetOf } from '../../training/examples.ts';
import { epochsOf, type Phase } from '../../training/fit-phases.ts';
import { predictLogits } from '../../training/predict-logits.ts';
import { openStepTimer } from '../../training/step-timer.ts';
import type { Network } from '../network.ts';
import { oncePerTrial } from '../once-per-trial.ts';
import type { PreparedExamples } from '../prepare-examples.ts';
import { lossOf, type TrainingContext } from '../training-context.ts';
import type { TuningTimes } from './tuning-times.ts';

/** Steps to time, after one warm-up step. */
const STEPS = 2;
/** Images to evaluate for the timing of the evaluation. */
const EVALUATED = 16;
/** Seconds that a job takes after its last evaluation, to package and publish the model. */
const PUBLISHING = 5;

const TuningSpeed = z.strictObject({
  /** Seconds of a training step. */
  step: z.number(),
  /** Seconds to evaluate an image. */
  evaluation: z.number(),
});
/** How fast this machine fine-tunes a network. */
export type TuningSpeed = z.infer<typeof TuningSpeed>;

export interface Tuning {
  /** Name of this training within the job. */
  readonly name: string;
  readonly network: Network['network'];
  readonly phases: readonly Phase[];
  readonly examples: PreparedExamples['examples'];
}

/**
 * Times some steps of a fine-tuning on this machine, and leaves the network unchanged. An interrupted job measures only
 * once.
 * @throws as Trainer's `accumulate`
 */
export function timeTuning(tuning: Tuning, context: TrainingContext): Promise<TuningSpeed> {
  const once = oncePerTrial(`speed-${tuning.name}`, TuningSpeed, context);
  return loadOrCompute(once, context.world.store, async () => ({
    step: await timeStep(tuning, context),
    evaluation: await timeEvaluation(tuning, context),
  }));
}

/** How long a fine-tuning takes at a speed. */
export function estimateTuning(
  { step, evaluation }: TuningSpeed,
  { phases, examples }: Pick<Tuning, 'phases' | 'examples'>,
  { training: { folds = 1, repeats } }: Pick<JobSpec, 'training'>,
): TuningTimes {
  const { train, validation, test, trainAndValidation } = examples;
  const epochs = epochsOf(phases);
  const epochOf = (images: number): number =>
    Math.ceil(images / (phases[0]?.training.batchSize ?? 1)) * step + validation.count * evaluation;
  const retraining = epochs * epochOf(trainAndValidation.count);
  return {
    training: epochs * epochOf(train.count) + INTERPOLATION_SHARES.length * validation.count * evaluation,
    epochs,
    epoch: epochOf(train.count),
    retraining,
    crossValidation: folds * repeats === 1 ? 0 : folds * repeats * retraining,
    reserve: (2 * validation.count + test.count) * evaluation + PUBLISHING,
  };
}

async function timeStep({ network, phases, examples }: Tuning, { job, jobContext }: TrainingContext): Promise<number> {
  const { training, trainable = [] } = phases.at(-1) ?? { training: job.spec.training };
  const timer = await openStepTimer(network, { loss: lossOf(job), training, trainable });
  try {
    const [rows = []] = batchRows(examples.train.count, training.batchSize);
    let seconds = 0;
    for (let step = 0; step <= STEPS; step++) {
      const taken = await timer.time(() => examples.train.gather(rows, 1));
      if (step > 0) seconds += taken;
      await jobContext.flush();
      jobContext.signal.throwIfAborted();
    }
    return seconds / STEPS;
  } finally {
    timer.close();
  }
}

/** @returns seconds per image */
async function timeEvaluation({ network, examples }: Tuning, { job }: TrainingContext): Promise<number> {
  const { validation } = examples;
  const some = subsetOf(validation, [...Array(Math.min(EVALUATED, validation.count)).keys()]);
  // The first evaluation opens a session, which a training does once.
  await predictLogits(network, some, lossOf(job));
  const begin = performance.now();
  await predictLogits(network, some, lossOf(job));
  return (performance.now() - begin) / 1000 / Math.max(1, some.count);
}
