import type { JobResult } from '../../lib/contracts/job.ts';
import { percent } from '../../lib/format.ts';

/**
 * Describes what a job's features waited for, as shares of their time; undefined if the job computed none.
 * @example '92% of the time in the trunk, 5% waiting for decoded images, 1% writing'
 */
export function describeWaits({ features: { waits }, seconds }: Pick<JobResult, 'features' | 'seconds'>): string | undefined {
  if (waits === undefined) return undefined;
  const { decode, trunk, write } = waits;
  const whole = Math.max(seconds.features, decode + trunk + write);
  if (whole === 0) return undefined;
  const share = (part: number) => percent(part / whole, 0);
  return `${share(trunk)} of the time in the trunk, ${share(decode)} waiting for decoded images, ${share(write)} writing`;
}
