import { z } from 'zod';

/** Where jobs run: this machine, a training Lambda, or a machine with a GPU on AWS Batch. */
export const ComputeTarget = z.enum(['local', 'lambda', 'gpu']);
export type ComputeTarget = z.infer<typeof ComputeTarget>;

/** Where a job is to run, and what it may take. */
export const ComputeSpec = z.strictObject({
  target: z.enum(['auto', 'lambda', 'gpu']).default('auto'),
  /** US dollars: a job that is estimated to cost more is refused, and one that has cost as much is stopped. */
  maxCost: z.number().gt(0).max(1_000_000).optional(),
  /** Minutes of all attempts together, from the start of the work. */
  maxMinutes: z.number().gt(0).max(100_000).optional(),
});
export type ComputeSpec = z.infer<typeof ComputeSpec>;

/** What a job is expected to take if it trains every epoch and no features are there yet. */
export const JobEstimate = z.strictObject({
  target: ComputeTarget,
  /** Type of machine, as AWS names it; absent on this machine. */
  instance: z.string().optional(),
  seconds: z.number().min(0),
  /** US dollars at On-Demand prices; absent on this machine. */
  dollars: z.number().min(0).optional(),
  /** The same on a Spot machine, at a price that is usual there. */
  spotDollars: z.number().min(0).optional(),
  /** What the machine costs while it runs, US dollars an hour, On-Demand. */
  dollarsPerHour: z.number().min(0).optional(),
  /** How many machines extract features first, side by side; absent where the one that trains does it. */
  machines: z.int().min(2).optional(),
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
