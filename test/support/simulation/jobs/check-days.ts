import fc from 'fast-check';
import { firstFailure } from '../first-failure.ts';
import { anyDay } from './any-day.ts';
import { type FaultCounts, NO_FAULTS } from './faults.ts';
import { type RunOptions, runJobs } from './run-jobs.ts';

/** What all runs together have seen. */
export interface Seen {
  readonly faults: FaultCounts;
  readonly ends: ReadonlyMap<string, number>;
}

/**
 * Runs so many days, and prints the seed that repeats them: GRAFT_SEED, and for a failure GRAFT_PATH.
 * @param offset is added to GRAFT_SEED, so that two parts of the days differ
 * @throws Error with the smallest day that fails
 */
export async function checkDays(runs: number, offset = 0): Promise<Seen> {
  const seed = Number(process.env.GRAFT_SEED ?? Math.floor(Math.random() * 2 ** 31)) + offset;
  process.stderr.write(`${runs} days from GRAFT_SEED=${seed}\n`);
  const started = performance.now();
  const faults = { ...NO_FAULTS };
  const ends = new Map<string, number>();
  let [steps, attempts, hours, shards] = [0, 0, 0, 0];
  const property = fc.asyncProperty(anyDay, fc.nat(), async (day, schedule) => {
    const outcome = await runJobs(day, schedule);
    steps += outcome.steps;
    attempts += outcome.attempts;
    shards += outcome.shards;
    hours += outcome.seconds / 3600;
    for (const kind of Object.keys(faults) as (keyof FaultCounts)[]) faults[kind] += outcome.faults[kind];
    for (const [end, count] of outcome.ends) ends.set(end, (ends.get(end) ?? 0) + count);
  });
  const { GRAFT_PATH: path } = process.env;
  await fc.assert(property, { seed, numRuns: runs, ...(path !== undefined && { path }) });
  const seconds = Math.round((performance.now() - started) / 1000);
  const told = (counts: Iterable<[string, number]>) => [...counts].map(([name, count]) => `${count} ${name}`).sort();
  process.stderr.write(
    `${steps} steps, ${attempts} attempts, ${shards} shards, ${Math.round(hours)} hours; jobs: ${told(ends).join(', ')}; ` +
      `faults: ${told(Object.entries(faults)).join(', ')}; ${seconds} s\n`,
  );
  return { faults, ends };
}

/** The first of so many days whose end is wrong; undefined if there is none. */
export async function findFailure(runs: number, seed: number, options?: RunOptions): Promise<string | undefined> {
  const property = fc.asyncProperty(anyDay, fc.nat(), async (day, schedule) => void (await runJobs(day, schedule, options)));
  return firstFailure(property, runs, seed);
}
