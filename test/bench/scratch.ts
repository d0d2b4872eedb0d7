import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs `work` with a temporary folder, and removes the folder afterwards.
 * @returns the result of `work`
 */
export async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-bench-'));
  try {
    return await work(folder);
  } finally {
    // A worker that a command left running may still write its last output.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/**
 * Runs a script in a Node.js process of its own; its standard error is passed through.
 * @returns its standard output
 */
export async function inOwnProcess(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
