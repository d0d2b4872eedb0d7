import { setTimeout as wait } from 'node:timers/promises';
import { MAX_ATTEMPTS } from '../../../lib/jobs/attempt-limits.ts';
import type { RandomStream } from '../../../lib/random.ts';
import { checkEnds, type DrilledSystem, submitAll } from './drilled-system.ts';

const LONGEST_PAUSE_MS = 3000;
/** From this attempt on, a job is left alone. */
const MOST_ATTEMPTS = 6;

/**
 * Kills a system and its workers so many times at random moments, with jobs in flight, and repeats their requests.
 * @returns what was killed how often
 */
export async function killAtRandom(system: DrilledSystem, kills: number, random: RandomStream): Promise<Record<string, number>> {
  const victims = { system: 0, worker: 0, both: 0 };
  for (let killed = 0; killed < kills; ) {
    await submitAll(system);
    await wait(random.next() * LONGEST_PAUSE_MS);
    const victim = pick(['system', 'worker', 'both'] as const, random) ?? 'both';
    // A job fails after so many attempts without a new result, as it should; and each must end some day.
    const { jobs: alive } = await system.client.jobs.list({ state: 'RUNNING' });
    const running = alive.filter(({ losses = 0, attempt }) => losses < MAX_ATTEMPTS - 1 && attempt < MOST_ATTEMPTS);
    const worker = victim === 'system' ? undefined : pick(running, random);
    if (victim !== 'system' && worker === undefined) continue;
    if (worker !== undefined) system.killWorker(worker);
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
