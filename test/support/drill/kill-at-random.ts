import { setTimeout as wait } from 'node:timers/promises';
import { MAX_ATTEMPTS } from '../../../lib/jobs/attempt-limits.ts';
import type { RandomStream } from '../../../lib/random.ts';
import { checkEnds, type DrilledSystem, submitAll } from './drilled-system.ts';

const LONGEST_PAUSE_MS = 3000;
/** From this attempt on, a job is left alone. */
const MOST_ATTEMPTS = 6;

/**
 * Kills a system, a worker, or the system and all workers at random moments, with jobs in flight, and repeats their
 * requests.
 * @param kills number of moments
 * @param mostLosses a job that has lost more attempts is left alone: it would fail, as it should
 * @returns what was killed how often
 */
export async function killAtRandom(
  system: DrilledSystem,
  kills: number,
  random: RandomStream,
  mostLosses: number = MAX_ATTEMPTS - 2,
): Promise<Record<string, number>> {
  const victims = { system: 0, worker: 0, all: 0 };
  for (let killed = 0; killed < kills; ) {
    await submitAll(system);
    await wait(random.next() * LONGEST_PAUSE_MS);
    const victim = pick(['system', 'worker', 'all'] as const, random) ?? 'all';
    const listed = await system.client.jobs.list({ state: 'RUNNING' });
    // Each job must end some day.
    const running = listed.jobs.filter(({ losses = 0, attempt }) => losses <= mostLosses && attempt < MOST_ATTEMPTS);
    const one = pick(running, random);
    const jobs = victim === 'all' ? running : victim === 'worker' && one !== undefined ? [one] : [];
    const workers = jobs.filter((job) => system.killWorker(job));
    if (victim !== 'system' && workers.length === 0) continue;
    if (victim !== 'worker') await system.restart();
    victims[victim]++;
    killed++;
    if (killed % 20 === 0) process.stderr.write(`${killed} kills: ${JSON.stringify(victims)}\n`);
  }
  return victims;
}

/** Checks the ends of all jobs, as checkEnds(), and prints what was killed. */
export async function checkEndsAfter(victims: Record<string, number>, system: DrilledSystem): Promise<void> {
  const jobs = await checkEnds(system);
  process.stderr.write(`${jobs.length} jobs; killed: ${JSON.stringify(victims)}\n`);
}

function pick<Item>(items: readonly Item[], random: RandomStream): Item | undefined {
  return items[random.integer(items.length)];
}
