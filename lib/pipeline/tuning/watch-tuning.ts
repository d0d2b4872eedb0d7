import { z } from 'zod';
import { loadComputed, loadOrCompute } from '../../jobs/computed-once.ts';
import { oncePerTrial } from '../once-per-trial.ts';
import { startStopwatch } from '../stopwatch.ts';
import type { TrainingContext } from '../training-context.ts';
import { measurePace, type Pace } from './measure-pace.ts';
import { limitForEpoch } from './tuning-limits.ts';
import { scaled, type TuningTimes } from './tuning-times.ts';

const KeptEnd = z.strictObject({
  epochs: z.int(),
  /** What left no time for another epoch. */
  limit: z.string().optional(),
  /** The measured seconds of an epoch, divided by the estimated ones. */
  slower: z.number(),
});

export interface TuningEnd {
  /** What left no time for another epoch. */
  readonly limit: string | undefined;
  /** What the trainings that follow take: as many epochs as this one had, each as long as its epochs took. */
  readonly timed: TuningTimes;
}

/** Ends a fine-tuning where its budget or the job's limit leaves no time for another epoch. */
export interface TuningWatch {
  /** Whether there is time for another epoch. @param epochs done so far, also those of earlier attempts */
  mayContinue(epochs: number): boolean;
  /** Keeps how the fine-tuning ended. Later attempts, whose pace may differ, neither train on nor stop earlier. */
  end(epochs: number): Promise<TuningEnd>;
}

export interface WatchedTuning {
  /** Of this training within the job. */
  readonly name: string;
  /** The estimate. */
  readonly needed: TuningTimes;
  /** Epochs of all phases together. */
  readonly planned: number;
  /** Seconds of fine-tuning before this one. */
  readonly spent: number;
  /** Whether an earlier attempt has begun it: this one may then train only the rest of its first epoch. */
  readonly hasBegun: boolean;
}

/** Watches a fine-tuning from now on. */
export async function watchTuning(
  { name, needed, planned, spent, hasBegun }: WatchedTuning,
  context: TrainingContext,
): Promise<TuningWatch> {
  const { world } = context;
  const once = oncePerTrial(`end-${name}`, KeptEnd, context);
  const ended = await loadComputed(once, world.store);
  const secondsSoFar = startStopwatch(world.clock);
  const pace = measurePace(secondsSoFar, hasBegun);
  let noted: number | undefined;
  let limit: string | undefined;
  return {
    mayContinue(epochs) {
      if (ended !== undefined) return epochs < ended.epochs;
      noted = epochs;
      pace.note(epochs);
      if (epochs === 0) return true;
      // Trainings that follow have as many epochs as this one: if this is the last, fewer than planned.
      const measured = scaled(needed, Math.max(1, slowerBy(needed, pace)), (epochs + 1) / planned);
      const inEarlierAttempts = pace.resumedEpochs() * measured.epoch;
      limit = limitForEpoch(measured, spent + inEarlierAttempts + secondsSoFar(), context);
      return limit === undefined;
    },
    async end(trained) {
      const kept = await loadOrCompute(once, world.store, async () => {
        // Nobody asks whether there is time after the last epoch, so an earlier answer did not end the training.
        const wasAsked = noted === trained;
        if (!wasAsked) pace.note(trained);
        const slower = slowerBy(needed, pace);
        return { epochs: trained, slower, ...(wasAsked && limit !== undefined && { limit }) };
      });
      const timed = scaled(needed, kept.slower, kept.epochs / planned);
      return { limit: kept.limit, timed: { ...timed, training: spent + timed.training } };
    },
  };
}

/** The measured seconds of an epoch, divided by the estimated ones; 1 if this attempt trained too few epochs to tell. */
function slowerBy({ epoch }: TuningTimes, pace: Pace): number {
  return (pace.secondsPerEpoch() ?? epoch) / epoch;
}
