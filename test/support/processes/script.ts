import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunningScript {
  /** The next lines that it prints; fewer when it ends before. */
  read(count: number): Promise<string[]>;
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
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function read(count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) {
      const line = await lines.next();
      if (line.done) break;
      found.push(line.value);
    }
    return found;
  }
  return { read, kill: () => child.kill('SIGKILL'), ended };
}
