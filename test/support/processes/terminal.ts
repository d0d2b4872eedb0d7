import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { main } from '../graft.ts';

const script = fileURLToPath(new URL('open_terminal.py', import.meta.url));

/** Whether this machine can open terminals for a test: Python's standard library does it, and needs nothing compiled. */
export const hasTerminals = spawnSync('python3', ['-c', 'import pty']).status === 0;

export interface TerminalOptions {
  readonly columns: number;
  readonly environment: Record<string, string>;
}

export interface Terminal {
  /** All that was shown so far, control sequences among it. */
  shown(): string;
  /** Waits until something is shown. @throws Error where the command ends before */
  until(pattern: RegExp): Promise<string>;
  type(text: string): void;
  resize(columns: number): void;
  hangUp(): void;
  /** Exit status, or the number of the signal that ended it. */
  readonly ended: Promise<{ readonly status?: number; readonly signal?: number }>;
}

export const CTRL_C = '\u0003';
const ROWS = 24;

/** The graft command on a real terminal. */
export function graftOnTerminal(args: readonly string[], { columns, environment }: TerminalOptions): Terminal {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', main, ...args];
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...own } = process.env;
  const child = spawn('python3', [script, `${columns}`, `${ROWS}`, ...node], {
    env: { ...own, TERM: 'xterm-256color', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    killCommand(said);
  });
  let shown = '';
  let said = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    for (const look of listeners) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<{ status?: number; signal?: number }>((resolve, reject) => {
    child.once('close', () => {
      for (const look of listeners) look();
      try {
        resolve(JSON.parse(said.trim().split('\n')[1] ?? ''));
      } catch {
        reject(new Error(`the terminal ended without a word of its command: ${said}\n${shown}`));
      }
    });
  });
  const act = (what: object) => void child.stdin.write(`${JSON.stringify(what)}\n`);
  return {
    shown: () => shown,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const isShown = pattern.test(shown);
          if (!isShown && child.exitCode === null) return;
          listeners.delete(look);
          if (isShown) resolve(shown);
          else reject(new Error(`${pattern} was not shown: ${JSON.stringify(shown)}`));
        };
        listeners.add(look);
        look();
      }),
    type: (text) => act({ type: text }),
    resize: (to) => act({ resize: [to, ROWS] }),
    hangUp: () => act({ hangUp: true }),
    ended,
  };
}

/** A command that outlives its terminal must not outlive the test. @param said what open_terminal.py said */
function killCommand(said: string): void {
  const [first = '', ended] = said.trim().split('\n');
  if (ended === undefined && first !== '') process.kill(JSON.parse(first).pid, 'SIGKILL');
}
