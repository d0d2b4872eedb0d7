import { z } from 'zod';
import { loadComputed, loadOrCompute } from '../jobs/attempt-checkpoints.ts';
import { measurePace, type Pace } from './measure-pace.ts';
import { startStopwatch } from './stopwatch.ts';
import type { TrainingContext } from './training-context.ts';
import { noTimeForEpoch } from './tuning-limits.ts';
import { TuningSeconds } from './tuning-seconds.ts';

const TuningEnd = z.strictObject({
  epochs: z.int(),
  /** What left no time for another epoch. */
  limit: z.string().optional(),
  /** What the trainings that follow take: as many epochs as this one had, each as long as its epochs took. */
  timed: TuningSeconds,
});
type TuningEnd = z.infer<typeof TuningEnd>;

/** Ends a fine-tuning where its budget or the job's limit leaves no time for another epoch. */
export interface TuningWatch {
  /** Whether there is time for another epoch. @param epochs done so far, also those of earlier attempts */
  mayGoOn(epochs: number): boolean;
  /** Keeps how the fine-tuning ended. Later attempts, whose pace may differ, neither train on nor stop earlier. */
  end(epochs: number): Promise<TuningEnd>;
}

export interface WatchedTuning {
  /** Of this training within the job. */
  readonly name: string;
  /** The estimate. */
  readonly needed: TuningSeconds;
  /** Epochs of all phases together. */
  readonly planned: number;
  /** Seconds of fine-tuning before this one. */
  readonly spent: number;
}

/** Watches a fine-tuning from now on. */
export async function watchTuning(
  { name, needed, planned, spent }: WatchedTuning,
  context: TrainingContext,
): Promise<TuningWatch> {
  const { job, world, part = '' } = context;
  const once = { job, name: `${part}end-${name}`, schema: TuningEnd };
  const ended = await loadComputed(once, world.store);
  const time = startStopwatch(world.clock);
  const pace = measurePace(() => time.total());
  let limit: string | undefined;
  return {
    mayGoOn(epochs) {
      if (ended !== undefined) return epochs < ended.epochs;
      pace.note(epochs);
      if (epochs === 0) return true;
      const measured = atPace(needed, pace);
      const inEarlierAttempts = pace.resumedEpochs() * measured.epoch;
      limit = noTimeForEpoch(measured, spent + inEarlierAttempts + time.total(), context);
      return limit === undefined;
    },
    end: (epochs) =>
      loadOrCompute(once, world.store, async () => {
        const slower = slowerBy(needed, pace);
        const scale = slower * (epochs / planned);
        const timed = {
          ...needed,
          training: spent + needed.training * scale,
          epoch: needed.epoch * slower,
          refit: needed.refit * scale,
          validating: needed.validating * scale,
        };
        return { epochs, timed, ...(limit !== undefined && { limit }) };
      }),
  };
}

/** What is needed if all epochs are as much slower than estimated as those that were measured. */
function atPace(needed: TuningSeconds, pace: Pace): TuningSeconds {
  const slower = Math.max(1, slowerBy(needed, pace));
  const { epoch, refit, validating } = needed;
  return { ...needed, epoch: epoch * slower, refit: refit * slower, validating: validating * slower };
}

/** The measured seconds of an epoch, divided by the estimated ones; 1 if this attempt trained too few epochs to tell. */
function slowerBy({ epoch }: TuningSeconds, pace: Pace): number {
  return (pace.secondsPerEpoch() ?? epoch) / epoch;
}
