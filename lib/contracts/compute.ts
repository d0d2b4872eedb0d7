import { z } from 'zod';
import { Time } from './names.ts';

/** Where jobs run: this machine, a training Lambda, or a GPU machine on AWS Batch. */
export const ComputeTarget = z.enum(['local', 'lambda', 'gpu']);
export type ComputeTarget = z.infer<typeof ComputeTarget>;
/** The compute targets of an AWS deployment. */
export type DeployedTarget = Exclude<ComputeTarget, 'local'>;
/** Where an attempt runs: a training, or the functions that extract its features first. */
export type AttemptTarget = DeployedTarget | 'functions';

/** Where a job should run, and its limits. */
export const ComputeSpec = z.strictObject({
  target: z.enum(['auto', 'lambda', 'gpu']).default('auto'),
  /** US dollars. Graft refuses a job whose estimate exceeds this, and stops a job that has cost this much. */
  maxCost: z.number().gt(0).max(1_000_000).optional(),
  /** Minutes across all attempts, counted from the start of the work. */
  maxMinutes: z.number().gt(0).max(100_000).optional(),
});
export type ComputeSpec = z.infer<typeof ComputeSpec>;

const seconds = z.number().min(0);
const range = {
  /** If features are cached and early stopping ends each training soon. */
  low: seconds,
  expected: seconds,
  /** All epochs, without cached features. Nine out of ten jobs take no longer. */
  upper: seconds,
};
export const SecondsRange = z.strictObject(range);
export type SecondsRange = z.infer<typeof SecondsRange>;

/** What trains: TensorFlow on a GPU, natively or in WebAssembly, or ONNX Runtime. */
export const TrainingRuntime = z.enum(['gpu', 'native', 'wasm', 'onnx']);
export type TrainingRuntime = z.infer<typeof TrainingRuntime>;

/** The estimated time for one strategy and runtime. */
export const PlanEstimate = z.strictObject({
  strategy: z.enum(['feature-extraction', 'stage-features', 'earlier-features', 'fine-tune-top', 'fine-tune-all']),
  /** The runtime used for training. */
  runtime: TrainingRuntime,
  ...range,
});
export type PlanEstimate = z.infer<typeof PlanEstimate>;

/** The estimated time and cost of a job, from process start to exit. */
export const JobEstimate = z.strictObject({
  target: ComputeTarget,
  /**
   * AWS instance type: of the machines that AWS Batch may start, the one on which the job takes longest. Absent on this
   * machine.
   */
  instance: z.string().optional(),
  /** The upper end of `range`. */
  seconds,
  /** The range for the whole job. It covers all `plans`, within the job's limits. */
  range: SecondsRange.optional(),
  /** One plan for each strategy and runtime that Graft may choose. Strategy `auto` falls back to the first one. */
  plans: z.array(PlanEstimate).min(1).optional(),
  /** Share of the images whose first features are in the store, so that the job does not compute them; 0 if absent. */
  cachedFeatures: z.number().gt(0).max(1).optional(),
  /** When this machine was measured. Absent if reference rates were used. */
  measuredAt: Time.optional(),
  /**
   * US dollars at On-Demand prices, for the upper end of the range: with `maxCost`, at the price of the dearest machine
   * that may start. Absent on this machine.
   */
  dollars: z.number().min(0).optional(),
  /** US dollars at On-Demand prices, for each value of `range`. Absent on this machine. */
  dollarsRange: z.strictObject({ low: z.number().min(0), expected: z.number().min(0), upper: z.number().min(0) }).optional(),
  /** `dollars` on a Spot instance, at a typical Spot price. */
  spotDollars: z.number().min(0).optional(),
  /** On-Demand price of the machine, in US dollars per hour; with `maxCost`, of the dearest one that may start. */
  dollarsPerHour: z.number().min(0).optional(),
  /**
   * Number of machines that extract features in parallel before training. Absent if the training machine extracts them.
   */
  machines: z.int().min(2).optional(),
  /** Number of Lambda functions that extract features in parallel before training. Absent if none do. */
  functions: z.int().min(2).optional(),
  /** The parts of the upper end; `extraction` is what Lambda functions do before the training. */
  parts: z.array(
    z.strictObject({
      part: z.enum(['start', 'features', 'train', 'evaluate', 'requests', 'extraction']),
      seconds: z.number().min(0),
      dollars: z.number().min(0).optional(),
    }),
  ),
  /** Date and region of the prices. Absent on this machine. */
  prices: z.strictObject({ date: z.iso.date(), region: z.string() }).optional(),
  reason: z.string(),
});
export type JobEstimate = z.infer<typeof JobEstimate>;
