import { z } from 'zod';
import type { Plan } from '../freezing/plan-strategy.ts';
import { loadOrCompute } from '../jobs/attempt-checkpoints.ts';
import { epochsOf, type Phase, withEpochs } from '../training/fit-phases.ts';
import { type Tuning, timeTuning, tuningSeconds } from './time-tuning.ts';
import type { TrainingContext } from './training-context.ts';
import { budgetExceededBy, hadFewerEpochs, timeExhaustedFor } from './tuning-limits.ts';
import { TuningSeconds } from './tuning-seconds.ts';

/** A fine-tuning of which the time on this machine is known. */
export interface BudgetedTuning {
  /** With fewer epochs where all of them would exceed the budget. */
  readonly phases: readonly Phase[];
  readonly needed: TuningSeconds;
  /** The plan, whose reason says so if there are fewer epochs. */
  readonly plan: Plan;
  /** Why there is no time for it. */
  readonly noTime?: string | undefined;
}

/** The smallest share of the planned epochs that is worth training: the rest of the budget would buy too little. */
const LEAST_SHARE = 0.5;

const Budget = z.strictObject({
  /** Of all phases together. */
  epochs: z.int(),
  needed: TuningSeconds,
  /** Why there are fewer epochs than planned. */
  shorter: z.string().optional(),
  noTime: z.string().optional(),
});

/**
 * Times a fine-tuning and fits it into `fineTuning.budgetMinutes`: with fewer epochs where all would take longer, but
 * with no fewer than half. If half take longer as well, or the job's limit is too near, there is no time for it. An
 * interrupted job decides only once, so that it goes on with what it has trained.
 * @param spent seconds of fine-tuning so far
 * @throws as timeTuning
 */
export async function budgetTuning(plan: Plan, tuning: Tuning, spent: number, context: TrainingContext): Promise<BudgetedTuning> {
  const { job, world, part = '' } = context;
  const once = { job, name: `${part}budget-${tuning.name}`, schema: Budget };
  const { epochs, needed, shorter, noTime } = await loadOrCompute(once, world.store, () => decide(tuning, spent, context));
  world.log('tuning.timed', { job: job.id, name: tuning.name, ...needed });
  const planned = epochsOf(tuning.phases);
  const fewer = epochs < planned ? withEpochs(tuning.phases, epochs) : undefined;
  if (fewer === undefined || shorter === undefined) return { phases: tuning.phases, needed, plan, noTime };
  return { phases: fewer, needed, plan: { ...plan, ...hadFewerEpochs(plan, epochs, planned, shorter) }, noTime };
}

async function decide(tuning: Tuning, spent: number, context: TrainingContext): Promise<z.infer<typeof Budget>> {
  const speed = await timeTuning(tuning, context);
  const secondsOf = (phases: readonly Phase[]) => tuningSeconds(speed, { ...tuning, phases }, context.job.spec);
  const planned = epochsOf(tuning.phases);
  const shorter = budgetExceededBy(secondsOf(tuning.phases), spent, context);
  const fewer = shorter === undefined ? undefined : withinBudget();
  const phases = fewer ?? tuning.phases;
  const needed = secondsOf(phases);
  const noTime = timeExhaustedFor(needed, spent, context);
  return { epochs: epochsOf(phases), needed, ...(fewer && { shorter }), ...(noTime !== undefined && { noTime }) };

  function withinBudget(): readonly Phase[] | undefined {
    for (let epochs = planned - 1; epochs >= planned * LEAST_SHARE; epochs--) {
      const some = withEpochs(tuning.phases, epochs);
      if (some !== undefined && budgetExceededBy(secondsOf(some), spent, context) === undefined) return some;
    }
    return undefined;
  }
}
