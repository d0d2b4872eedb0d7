import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openWorkerStarter } from '../../../functions/local/start-worker.ts';
import { holdWorkerLock } from '../../../lib/local/worker-lock.ts';
import { temporaryFolder } from '../../support/folder.ts';

const FILES = '/proc/self/fd';

/** The system refuses such an environment (E2BIG), and Node throws this error. */
function refuseProcesses(): void {
  vi.stubEnv('GRAFT_TEST_TOO_LARGE', 'x'.repeat(2 ** 22));
}

function openFiles(): string[] {
  return readdirSync(FILES).flatMap((file) => {
    try {
      return [readlinkSync(join(FILES, file))];
    } catch {
      // That of the listing.
      return [];
    }
  });
}

describe('a command goes on', () => {
  test('if the system refuses a process for a worker', () => {
    const directory = temporaryFolder();
    refuseProcesses();
    openWorkerStarter(directory).wake();
    if (existsSync(FILES)) expect(openFiles()).not.toContain(join(directory, 'logs/worker.log'));
    expect(readdirSync(join(directory, 'logs'))).toEqual(['worker.log']);
  });

  test("if the worker's log cannot be written", () => {
    const directory = temporaryFolder();
    const occupied = join(directory, 'logs');
    writeFileSync(occupied, 'not a folder');
    refuseProcesses();
    const workers = openWorkerStarter(directory);
    workers.wake();
    expect(readFileSync(occupied, 'utf8')).toBe('not a folder');
    expect(workers.hasWorker()).toBe(false);
  });
});

describe('a command that prepares work', () => {
  test('starts one worker, which waits until the work is there', async () => {
    const { workers, recorded } = openRecorded();
    const release = workers.prepare();
    expect(workers.hasWorker()).toBe(true);
    workers.wake();
    workers.prepare()();
    await recorded(['started waiting']);
    release();
    await recorded(['started waiting', 'released']);
  });

  test('keeps the worker until all of its work is there, if it expects a job after an import', async () => {
    const { workers, recorded } = openRecorded();
    const submitted = workers.expectJob();
    const uploaded = workers.prepare();
    workers.wake();
    uploaded();
    uploaded();
    workers.wake();
    await recorded(['started waiting --job']);
    submitted();
    await recorded(['started waiting --job', 'released']);
  });

  test('starts another worker if the first one was killed', async () => {
    const { workers, recorded } = openRecorded();
    onTestFinished(workers.expectJob());
    workers.prepare();
    const [first] = await recorded(['started waiting --job']);
    process.kill(Number(first), 'SIGKILL');
    await vi.waitFor(() => expect(workers.hasWorker()).toBe(false), PATIENT);
    workers.wake();
    await recorded(['started waiting --job', 'started waiting --job']);
  });

  test('starts none before the work is there if one is running, and one then, because that one may be ending', async () => {
    const { directory, workers, recorded } = openRecorded();
    const lock = await holdWorkerLock(directory);
    const release = workers.prepare();
    expect(workers.hasWorker()).toBe(true);
    workers.wake();
    await recorded(['started waiting']);
    release();
    await recorded(['started waiting', 'released']);
    lock?.close();
  });
});

test('a worker that nobody waits for may be ending, so each message starts one', async () => {
  const { workers, recorded } = openRecorded();
  workers.wake();
  await recorded(['started']);
  workers.wake();
  await recorded(['started', 'started']);
});

const PATIENT = { timeout: 30_000, interval: 20 };

/** A starter of workers that only record their start and their release. */
function openRecorded() {
  const directory = temporaryFolder();
  const workers = openWorkerStarter(directory, fileURLToPath(new URL('scripts/record-start.ts', import.meta.url)));
  const lines = () => {
    const record = join(directory, 'record');
    return existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
  };
  onTestFinished(() => {
    const ended = lines().flatMap((line) => (line.endsWith('released') ? [line.split(' ')[0]] : []));
    for (const pid of lines().map((line) => line.split(' ')[0])) if (!ended.includes(pid)) kill(Number(pid));
  });
  return {
    directory,
    workers,
    /** Waits for these lines. @returns the ids of their processes */
    recorded: (expected: readonly string[]) =>
      vi.waitFor(() => {
        expect(lines().map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(expected);
        return lines().map((line) => line.split(' ')[0]);
      }, PATIENT),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The test has killed it.
  }
}
