import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { startWorker } from '../../../functions/local/start-worker.ts';
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
    startWorker(directory);
    if (existsSync(FILES)) expect(openFiles()).not.toContain(join(directory, 'logs/worker.log'));
    expect(readdirSync(join(directory, 'logs'))).toEqual(['worker.log']);
  });

  test("if the worker's log cannot be written", () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'logs'), '');
    refuseProcesses();
    startWorker(directory);
  });
});
