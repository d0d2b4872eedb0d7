import { z } from 'zod';
import type { TuningPlan } from '../../freezing/plan-strategy.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { epochsOf, type Phase, withEpochs } from '../../training/fit-phases.ts';
import { epochsOfBegun } from '../begun-training.ts';
import { oncePerTrial } from '../once-per-trial.ts';
import type { TrainingContext } from '../training-context.ts';
import { hadFewerEpochs } from './explain-tuning.ts';
import { estimateTuning, type Tuning, timeTuning } from './time-tuning.ts';
import { budgetExceededBy, timeExhaustedFor } from './tuning-limits.ts';
import { scaled, type TuningTimes } from './tuning-times.ts';

/** A fine-tuning of which the time on this machine is known. */
export interface BudgetedTuning {
  /** With fewer epochs where there is no time for all of them. */
  readonly phases: readonly Phase[];
  readonly needed: TuningTimes;
  /** The plan, whose reason says so if there are fewer epochs. */
  readonly plan: TuningPlan;
  /** Whether an earlier attempt has begun it. */
  readonly hasBegun: boolean;
  /** Why there is no time for it. */
  readonly noTime?: string | undefined;
}

/** The smallest share of the planned epochs that is worth training: the rest of the time would buy too little. */
const LEAST_SHARE = 0.5;

const PlannedEpochs = z.strictObject({
  epochs: z.int(),
  /** Why there are fewer than the plan has. */
  why: z.string().optional(),
});
type PlannedEpochs = z.infer<typeof PlannedEpochs>;

/**
 * Times a fine-tuning and fits it into `fineTuning.budgetMinutes` and the job's limit: with fewer epochs where all would
 * take longer, but with no fewer than half. If half take longer as well, there is no time for it. All attempts of a job
 * plan the same epochs, however much time is left for them. One that an earlier attempt has begun goes on, because most
 * of its time is spent: if no epoch is finished yet, it needs the time for one.
 * @param spent seconds of fine-tuning so far
 * @throws as timeTuning, epochsOfBegun
 */
export async function budgetTuning(
  plan: TuningPlan,
  tuning: Tuning,
  spent: number,
  context: TrainingContext,
): Promise<BudgetedTuning> {
  const speed = await timeTuning(tuning, context);
  const { job, world } = context;
  const finished = await epochsOfBegun(tuning.name, context);
  const hasBegun = finished !== undefined;
  const secondsOf = (phases: readonly Phase[]) => estimateTuning(speed, { ...tuning, phases }, job.spec);
  const once = oncePerTrial(`epochs-${tuning.name}`, PlannedEpochs, context);
  const { epochs, why } = await loadOrCompute(once, world.store, async () => planEpochs());
  const phases = withEpochs(tuning.phases, epochs) ?? tuning.phases;
  const needed = secondsOf(phases);
  world.log('tuning.timed', { job: job.id, name: tuning.name, ...needed });
  const explained = why === undefined ? plan : hadFewerEpochs(plan, epochs, epochsOf(tuning.phases), why);
  return { phases, needed, plan: explained, hasBegun, noTime: whyNoTime() };

  function planEpochs(): PlannedEpochs {
    const all = epochsOf(tuning.phases);
    const why = exceededBy(tuning.phases);
    if (why === undefined) return { epochs: all };
    for (let epochs = all - 1; epochs >= all * LEAST_SHARE; epochs--) {
      const phases = withEpochs(tuning.phases, epochs);
      if (phases !== undefined && exceededBy(phases) === undefined) return { epochs, why };
    }
    return { epochs: all };
  }

  /** What an earlier version of Graft has begun has the epochs that the budget allows, whatever the limit. */
  function exceededBy(phases: readonly Phase[]): string | undefined {
    const needed = secondsOf(phases);
    return hasBegun ? budgetExceededBy(needed, spent, context) : timeExhaustedFor(needed, spent, context);
  }

  function whyNoTime(): string | undefined {
    if (!hasBegun) return timeExhaustedFor(needed, spent, context);
    if (finished > 0) return undefined;
    const first = { ...scaled(needed, 1, 1 / epochsOf(phases)), training: needed.epoch };
    return timeExhaustedFor(first, spent, context, 'its first epoch');
  }
}
