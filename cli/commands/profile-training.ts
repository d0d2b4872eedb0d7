import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { profileName } from '../../functions/train/profile-attempt.ts';
import { UsageError } from '../../lib/errors.ts';
import type { JobAttempt } from '../../lib/ports.ts';
import type { Context } from '../context.ts';
import type { Output } from '../output.ts';

/** An idle worker exits within some seconds. */
const WORKER_MS = 10_000;
/** Writing the profile of a long training takes some seconds. */
const FILES_MS = 60_000;
const MS_BETWEEN_LOOKS = 100;

/**
 * Makes the workers that this command starts profile their attempts, by the variable GRAFT_PROFILE, which they inherit.
 * @throws UsageError PROFILE_UNAVAILABLE, USAGE
 */
export async function profileWorkers(
  { profile, wait: waits = false }: { readonly profile: string; readonly wait?: boolean },
  { hasWorker }: Context,
): Promise<void> {
  if (!waits) throw new UsageError('USAGE', { at: '--profile', expected: '--wait with it', received: 'none', fix: 'add --wait' });
  if (hasWorker === undefined) throw unavailable('a job that another machine runs', 'unset GRAFT_API, and omit --remote');
  if (!(await becomes(() => !hasWorker(), WORKER_MS)))
    throw unavailable('a running worker', 'wait until its jobs have ended (graft jobs), and stop graft dev');
  process.env.GRAFT_PROFILE = resolve(profile);
}

/** Waits until the files of an attempt are complete, and reports where they are. */
export async function reportProfile(folder: string, attempt: JobAttempt, output: Output): Promise<void> {
  const file = join(resolve(folder), profileName(attempt));
  // It is written last.
  const isComplete = await becomes(() => existsSync(`${file}.trace.json`), FILES_MS);
  output.note(
    isComplete
      ? `The profile is in ${file}.cpuprofile, the timeline in ${file}.trace.json.`
      : `There is no profile in ${folder}: a worker that another command started ran the job.`,
  );
}

function unavailable(received: string, fix: string): UsageError {
  return new UsageError('PROFILE_UNAVAILABLE', {
    at: '--profile',
    expected: 'a worker on this machine that this command starts',
    received,
    fix,
  });
}

async function becomes(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await wait(MS_BETWEEN_LOOKS);
  }
  return true;
}
