import type { PlanEstimate, SecondsRange } from '../contracts/compute.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { FEW } from '../freezing/choose-strategy.ts';
import { hasTail } from '../freezing/cut-plan.ts';
import { type JobWork, jobWork } from './job-work.ts';
import type { MachineSpeed } from './machine-speeds.ts';
import { type PlanOption, planOptions } from './plan-options.ts';
import { noneStored, type StoredImagesOf } from './stored-images.ts';
import { timeWork, type WorkSeconds } from './time-work.ts';

/** One possible plan of a job on a machine, with its time. */
export interface TimedPlan {
  readonly estimate: PlanEstimate;
  readonly work: JobWork;
  /** At the upper end. */
  readonly parts: Omit<WorkSeconds, 'optional'>;
}

/**
 * Estimates each possible plan of a job on a machine.
 * @returns first the plan that strategy `auto` falls back to
 * @throws SpecError as planOptions and jobWork
 */
export function estimatePlans(
  spec: JobSpec,
  report: DatasetReport,
  machine: MachineSpeed,
  storedOf: StoredImagesOf = noneStored,
): [TimedPlan, ...TimedPlan[]] {
  const { train, validation } = spec.split;
  const context = {
    trainingImages: Math.round(report.accepted * train),
    validationImages: Math.round(report.accepted * validation),
    runtime: machine.runtime,
  };
  const [first, ...others] = planOptions(spec, context);
  const timed = (option: PlanOption) => {
    // More stages train only if full fine-tuning of the top ones is best: that counts for the upper end, but is not
    // expected.
    const { deeper, ...shallow } = option;
    const usual = jobWork(spec, report, shallow, storedOf);
    return timePlan(spec, { usual, work: deeper === undefined ? usual : jobWork(spec, report, option, storedOf) }, machine);
  };
  return [timed(first), ...others.map(timed)];
}

/** @param works the expected work, and that of the upper end */
function timePlan(
  spec: JobSpec,
  { usual, work }: { readonly usual: JobWork; readonly work: JobWork },
  { rates, margin, runtime }: MachineSpeed,
): TimedPlan {
  const low = timeWork(usual, rates, { epochs: 'least', cached: 'all' });
  const expected = timeWork(usual, rates, { epochs: 'expected', cached: 'stored' });
  const most = timeWork(work, rates, { epochs: 'most', cached: 'complete', margin });
  // Strategy `auto` measures optional work, and leaves it out if it would take longer than this.
  const optional = Math.min(most.optional * margin, spec.fineTuning.budgetMinutes * 60);
  const parts = {
    start: most.start * margin,
    features: most.features * margin,
    train: (most.train - most.optional) * margin + optional,
    evaluate: most.evaluate * margin,
  };
  const upper = total(parts);
  const range = { low: total(low) / margin, expected: Math.min(total(expected), upper), upper };
  return { estimate: { strategy: work.option.plan.name, runtime, ...range }, work, parts };
}

/**
 * The range that covers all possible plans of a job.
 * @param trainingImages with few, strategy `auto` may either train only a head or fine-tune, so the expected time is
 * the mean of both
 */
export function coverPlans(
  plans: readonly [TimedPlan, ...TimedPlan[]],
  trainingImages: number,
): SecondsRange & { longest: TimedPlan } {
  const [first] = plans;
  const longest = plans.reduce((most, plan) => (plan.estimate.upper > most.estimate.upper ? plan : most));
  const tuned = plans.find(({ work }) => hasTail(work.option.plan));
  const usual = (tuned ?? first).estimate.expected;
  return {
    low: Math.min(...plans.map(({ estimate }) => estimate.low)),
    expected: trainingImages < FEW ? Math.sqrt(first.estimate.expected * usual) : usual,
    upper: longest.estimate.upper,
    longest,
  };
}

function total({ start, features, train, evaluate }: Omit<WorkSeconds, 'optional'>): number {
  return start + features + train + evaluate;
}
