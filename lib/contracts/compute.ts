import { z } from 'zod';
import { Time } from './names.ts';

/** Where jobs run: this machine, a training Lambda, or a machine with a GPU on AWS Batch. */
export const ComputeTarget = z.enum(['local', 'lambda', 'gpu']);
export type ComputeTarget = z.infer<typeof ComputeTarget>;
/** Of a deployment in AWS. */
export type DeployedTarget = Exclude<ComputeTarget, 'local'>;

/** Where a job is to run, and what it may take. */
export const ComputeSpec = z.strictObject({
  target: z.enum(['auto', 'lambda', 'gpu']).default('auto'),
  /** US dollars: a job that may cost more by its estimate is refused, and one that has cost as much is stopped. */
  maxCost: z.number().gt(0).max(1_000_000).optional(),
  /** Minutes of all attempts together, from the start of the work. */
  maxMinutes: z.number().gt(0).max(100_000).optional(),
});
export type ComputeSpec = z.infer<typeof ComputeSpec>;

const seconds = z.number().min(0);
const range = {
  /** Where features are there already and early stopping ends each training soon. */
  low: seconds,
  expected: seconds,
  /** Every epoch, and no features that are there already: nine of ten jobs take no longer. */
  upper: seconds,
};
export const SecondsRange = z.strictObject(range);
export type SecondsRange = z.infer<typeof SecondsRange>;

/** What one way takes in which a job may go. */
export const PlanEstimate = z.strictObject({
  strategy: z.enum(['feature-extraction', 'stage-features', 'earlier-features', 'fine-tune-top', 'fine-tune-all']),
  /** The TensorFlow that trains. */
  runtime: z.enum(['gpu', 'native', 'wasm']),
  ...range,
});
export type PlanEstimate = z.infer<typeof PlanEstimate>;

/** What a job is expected to take, from the start of its process to its end. */
export const JobEstimate = z.strictObject({
  target: ComputeTarget,
  /** Type of machine, as AWS names it; absent on this machine. */
  instance: z.string().optional(),
  /** The upper end of `range`. */
  seconds,
  /** Of the whole job: it covers all of `plans`, as far as the job's limits allow them. */
  range: SecondsRange.optional(),
  /** One for each strategy and runtime that may be chosen; the first is what strategy `auto` falls back to. */
  plans: z.array(PlanEstimate).min(1).optional(),
  /** When the speed of this machine was measured; absent where reference rates were used. */
  measuredAt: Time.optional(),
  /** US dollars at On-Demand prices, at the upper end; absent on this machine. */
  dollars: z.number().min(0).optional(),
  /** US dollars at On-Demand prices, of each second of `range`; absent on this machine. */
  dollarsRange: z.strictObject({ low: z.number().min(0), expected: z.number().min(0), upper: z.number().min(0) }).optional(),
  /** `dollars` on a Spot machine, at a price that is usual there. */
  spotDollars: z.number().min(0).optional(),
  /** What the machine costs while it runs, US dollars an hour, On-Demand. */
  dollarsPerHour: z.number().min(0).optional(),
  /** How many machines extract features first, side by side; absent where the one that trains does it. */
  machines: z.int().min(2).optional(),
  /** Of the upper end. */
  parts: z.array(
    z.strictObject({
      part: z.enum(['start', 'features', 'train', 'evaluate', 'requests']),
      seconds: z.number().min(0),
      dollars: z.number().min(0).optional(),
    }),
  ),
  /** Of which day and region the prices are; absent on this machine. */
  prices: z.strictObject({ date: z.iso.date(), region: z.string() }).optional(),
  reason: z.string(),
});
export type JobEstimate = z.infer<typeof JobEstimate>;
