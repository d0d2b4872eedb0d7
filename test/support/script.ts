import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunningScript {
  /** What it prints, line by line. */
  readonly lines: AsyncIterable<string>;
  /** Ends it as a power cut would: it can do nothing about it. */
  kill(): void;
  /** @returns its exit status, or the signal that ended it */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts a TypeScript file as a process of its own; its errors are shown among the test's. */
export function startScript(url: URL, ...args: readonly string[]): RunningScript {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', url.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(status ?? signal ?? 'SIGKILL'));
  });
  return { lines: createInterface({ input: child.stdout }), kill: () => child.kill('SIGKILL'), ended };
}
