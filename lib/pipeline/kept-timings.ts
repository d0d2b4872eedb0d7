/** Timings that this machine keeps for later jobs. */
import type { z } from 'zod';
import type { World } from '../ports.ts';
import { isRecent } from '../store/is-recent.ts';

/** After this time something is timed again, as the machine is. */
const MAX_AGE_SECONDS = 7 * 86_400;

interface Timing {
  /** ISO 8601 */
  readonly measuredAt: string;
}

/** The entry of a timing in the machine's cache. */
export interface TimingEntry<Kept extends Timing> {
  readonly name: string;
  readonly schema: z.ZodType<Kept>;
  /** The event of the log if the timing cannot be kept. */
  readonly failureEvent: string;
}

/** Reads a timing. @returns undefined if the machine has none that is recent */
export async function readTiming<Kept extends Timing>(
  { name, schema }: TimingEntry<Kept>,
  { machineCache, clock }: World,
): Promise<Kept | undefined> {
  const kept = await machineCache?.read(name, schema);
  return kept !== undefined && isRecent(kept.measuredAt, MAX_AGE_SECONDS, clock.now()) ? kept : undefined;
}

/**
 * Keeps a timing for later jobs.
 * @returns the timing that another process has kept meanwhile, because jobs with the same seed need the same choice for
 * the same bytes; else the given one
 */
export async function keepTiming<Kept extends Timing>(entry: TimingEntry<Kept>, measured: Kept, world: World): Promise<Kept> {
  const meanwhile = await readTiming(entry, world);
  if (meanwhile !== undefined) return meanwhile;
  const { machineCache, log } = world;
  await machineCache?.write(entry.name, measured).catch((error) => log(entry.failureEvent, { error: String(error) }));
  return measured;
}
