import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WEBHOOK_TRIES } from '../../lib/contracts/webhook.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { openSqliteQueue } from '../../lib/local/sqlite-queue.ts';
import type { Compute, JobAttempt, World } from '../../lib/ports.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

/** A real world in a folder that goes with the test; only its time is the test's. */
export function testWorld(): World & { clock: ManualClock; directory: string; events: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'graft-world-'));
  const clock = manualClock();
  const store = openFileStore({ directory: join(directory, 'store'), clock });
  const imports = openSqliteQueue({ file: join(directory, 'imports.sqlite'), clock });
  const trainings = openSqliteQueue({ file: join(directory, 'trainings.sqlite'), clock });
  const webhooks = openSqliteQueue({ file: join(directory, 'webhooks.sqlite'), clock, maxReceives: WEBHOOK_TRIES });
  const events: string[] = [];
  onTestFinished(() => {
    store.close();
    imports.close();
    trainings.close();
    webhooks.close();
    rmSync(directory, { recursive: true });
  });
  return { store, queues: { imports, trainings, webhooks }, clock, directory, events, log: (event) => void events.push(event) };
}

/** A compute that only remembers what it was asked to start, and says of an attempt what the test tells it to. */
export function recordingCompute(): Compute & { started: JobAttempt[]; stopped: string[]; ended: Set<string> } {
  const started: JobAttempt[] = [];
  const stopped: string[] = [];
  const ended = new Set<string>();
  return {
    started,
    stopped,
    ended,
    async start(attempt) {
      started.push(attempt);
      return `${attempt.job}/${attempt.attempt}`;
    },
    async stop(handle) {
      stopped.push(handle);
    },
    state: async (handle) => (ended.has(handle) ? 'ended' : 'unknown'),
  };
}
