import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WEBHOOK_TRIES } from '../../lib/contracts/webhook.ts';
import { openEmbeddedStore } from '../../lib/local/embedded-store.ts';
import type { FileStore } from '../../lib/local/file-store.ts';
import { openSqliteQueue } from '../../lib/local/sqlite-queue.ts';
import type { Compute, JobAttempt, World } from '../../lib/ports.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { memoryMachineCache } from './memory-machine-cache.ts';

/**
 * The world of `openEmbeddedWorld` in a folder that goes with the test; only its time, and the size of its disk, are
 * the test's.
 */
export function testWorld({
  quotaBytes,
  extractions: hasExtractions = false,
}: {
  readonly quotaBytes?: number | undefined;
  /** Whether there is a queue of functions that extract features, which a single machine lacks. */
  readonly extractions?: boolean;
} = {}): World & { store: FileStore; clock: ManualClock; directory: string; events: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'graft-world-'));
  const clock = manualClock();
  const store = openEmbeddedStore({
    directory: join(directory, 'store'),
    clock,
    ...(quotaBytes !== undefined && { quotaBytes }),
  });
  const imports = openSqliteQueue({ file: join(directory, 'imports.sqlite'), clock });
  const trainings = openSqliteQueue({ file: join(directory, 'trainings.sqlite'), clock });
  const webhooks = openSqliteQueue({ file: join(directory, 'webhooks.sqlite'), clock, maxReceives: WEBHOOK_TRIES });
  const extractions = hasExtractions ? openSqliteQueue({ file: join(directory, 'extractions.sqlite'), clock }) : undefined;
  const events: string[] = [];
  onTestFinished(() => {
    store.close();
    imports.close();
    trainings.close();
    webhooks.close();
    extractions?.close();
    rmSync(directory, { recursive: true });
  });
  const queues = { imports, trainings, webhooks, extractions };
  const machineCache = memoryMachineCache();
  return { store, queues, clock, directory, events, machineCache, log: (event) => void events.push(event) };
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
