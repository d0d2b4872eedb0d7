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

/** A timing and its place in the machine's cache. */
export interface KeptTiming<Kept extends Timing> {
  readonly name: string;
  readonly schema: z.ZodType<Kept>;
  /** The event of the log if it cannot be kept. */
  readonly failure: string;
}

/** Reads a timing. @returns undefined if the machine has none that is recent */
export async function readTiming<Kept extends Timing>(
  { name, schema }: KeptTiming<Kept>,
  { machineCache, clock }: World,
): Promise<Kept | undefined> {
  const kept = await machineCache?.read(name, schema);
  return kept !== undefined && isRecent(kept.measuredAt, MAX_AGE_SECONDS, clock.now()) ? kept : undefined;
}

/**
 * Keeps a timing.
 * @param isComplete whether later jobs may use it
 * @returns the timing that another process has kept meanwhile, because jobs with the same seed need the same choice for
 * the same bytes; else the given one
 */
export async function keepTiming<Kept extends Timing>(
  timing: KeptTiming<Kept>,
  measured: Kept,
  world: World,
  isComplete = true,
): Promise<Kept> {
  const meanwhile = await readTiming(timing, world);
  if (meanwhile !== undefined) return meanwhile;
  const { machineCache, log } = world;
  if (isComplete)
    await machineCache?.write(timing.name, measured).catch((error) => log(timing.failure, { error: String(error) }));
  return measured;
}
