import type { Plan } from '../freezing/plan-strategy.ts';
import { epochsOf, type Phase, withEpochs } from '../training/fit-phases.ts';
import { epochsOfBegun } from './begun-training.ts';
import { estimateTuning, type Tuning, timeTuning } from './time-tuning.ts';
import type { TrainingContext } from './training-context.ts';
import { budgetExceededBy, hadFewerEpochs, timeExhaustedFor } from './tuning-limits.ts';
import { scaled, type TuningTimes } from './tuning-times.ts';

/** A fine-tuning of which the time on this machine is known. */
export interface BudgetedTuning {
  /** With fewer epochs where all of them would exceed the budget. */
  readonly phases: readonly Phase[];
  readonly needed: TuningTimes;
  /** The plan, whose reason says so if there are fewer epochs. */
  readonly plan: Plan;
  /** Whether an earlier attempt has begun it. */
  readonly hasBegun: boolean;
  /** Why there is no time for it. */
  readonly noTime?: string | undefined;
}

/** The smallest share of the planned epochs that is worth training: the rest of the budget would buy too little. */
const LEAST_SHARE = 0.5;

/**
 * Times a fine-tuning and fits it into `fineTuning.budgetMinutes`: with fewer epochs where all would take longer, but
 * with no fewer than half. If half take longer as well, or the job's limit is too near, there is no time for it. All
 * attempts of a job use the same timing, so they plan the same epochs. One that an earlier attempt has begun goes on,
 * because most of its time is spent: if no epoch is finished yet, it needs the time for one.
 * @param spent seconds of fine-tuning so far
 * @throws as timeTuning, epochsOfBegun
 */
export async function budgetTuning(plan: Plan, tuning: Tuning, spent: number, context: TrainingContext): Promise<BudgetedTuning> {
  const speed = await timeTuning(tuning, context);
  const { job, world } = context;
  const secondsOf = (phases: readonly Phase[]) => estimateTuning(speed, { ...tuning, phases }, job.spec);
  const why = budgetExceededBy(secondsOf(tuning.phases), spent, context);
  const shorter = why === undefined ? undefined : withinBudget();
  const phases = shorter ?? tuning.phases;
  const needed = secondsOf(phases);
  world.log('tuning.timed', { job: job.id, name: tuning.name, ...needed });
  const finished = await epochsOfBegun(tuning.name, context);
  const hasBegun = finished !== undefined;
  const noTime = whyNoTime();
  if (why === undefined || shorter === undefined) return { phases, needed, plan, hasBegun, noTime };
  const explained = hadFewerEpochs(plan, epochsOf(shorter), epochsOf(tuning.phases), why);
  return { phases, needed, plan: { ...plan, ...explained }, hasBegun, noTime };

  function whyNoTime(): string | undefined {
    if (!hasBegun) return timeExhaustedFor(needed, spent, context);
    if (finished > 0) return undefined;
    const first = { ...scaled(needed, 1, 1 / epochsOf(phases)), training: needed.epoch };
    return timeExhaustedFor(first, spent, context, 'its first epoch');
  }

  function withinBudget(): readonly Phase[] | undefined {
    const planned = epochsOf(tuning.phases);
    for (let epochs = planned - 1; epochs >= planned * LEAST_SHARE; epochs--) {
      const phases = withEpochs(tuning.phases, epochs);
      if (phases !== undefined && budgetExceededBy(secondsOf(phases), spent, context) === undefined) return phases;
    }
    return undefined;
  }
}
