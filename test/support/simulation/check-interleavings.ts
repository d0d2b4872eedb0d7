import fc from 'fast-check';
import { anyPlan } from './any-plan.ts';
import { firstFailure } from './first-failure.ts';
import { runSchedule } from './run-schedule.ts';

/** Runs so many interleavings, and prints the seed that repeats them: GRAFT_SEED. @throws Error with the smallest that fails */
export async function checkInterleavings(runs: number): Promise<void> {
  const seed = Number(process.env.GRAFT_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`${runs} interleavings from GRAFT_SEED=${seed}\n`);
  const started = performance.now();
  const seen = { steps: 0, removed: 0, lost: 0, ends: new Map<string, number>() };
  const property = fc.asyncProperty(anyPlan, fc.nat(), async (plan, schedule) => {
    const { steps, removed, lost, uploads } = await runSchedule(plan, schedule);
    seen.steps += steps;
    seen.removed += removed;
    seen.lost += lost;
    for (const end of uploads) seen.ends.set(end, (seen.ends.get(end) ?? 0) + 1);
  });
  await fc.assert(property, { seed, numRuns: runs, ...(process.env.GRAFT_PATH && { path: process.env.GRAFT_PATH }) });
  const ends = [...seen.ends].map(([end, count]) => `${count} ${end}`).sort();
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stderr.write(
    `${seen.steps} steps, ${seen.removed} removals, ${seen.lost} messages lost, uploads: ${ends.join(', ')}; ${seconds} s\n`,
  );
}

/** Runs interleavings until one fails. @returns what is wrong with it; undefined if all are right */
export async function findWrongInterleaving(runs: number, seed: number): Promise<string | undefined> {
  const property = fc.asyncProperty(anyPlan, fc.nat(), async (plan, schedule) => void (await runSchedule(plan, schedule)));
  return firstFailure(property, runs, seed);
}
