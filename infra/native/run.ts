import { spawn } from 'node:child_process';

export interface Finished {
  /** The exit status; undefined if the program could not be started, or a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Never throws: a missing program has no status. */
export function run(command: readonly string[], options: { readonly cwd?: string } = {}): Promise<Finished> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', ({ message }) => resolve({ status: undefined, stdout, stderr: message }));
    child.on('close', (status, signal) =>
      resolve({ status: status ?? undefined, stdout, stderr: signal ? `${stderr}ended by ${signal}` : stderr }),
    );
  });
}

/** The last non-empty line, in which most programs print the error. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
