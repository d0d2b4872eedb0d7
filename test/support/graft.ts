import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

export const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
export const trashPhotographs = fileURLToPath(new URL('../fixtures/trash', import.meta.url));
const nodeOptions = ['--disable-warning=ExperimentalWarning'];
/** Estimates are then the same whatever the machine does besides. */
const uncalibrated = { GRAFT_CALIBRATION: 'off' };

/**
 * A folder that goes with the test. It is renamed first: a worker that still runs finds its folder gone and ends,
 * instead of writing into it while it is emptied.
 */
export function scratchFolder({ until = 'test' }: { until?: 'test' | 'file' } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'graft-test-'));
  const remove = () => {
    const gone = `${folder}-gone`;
    if (existsSync(folder)) renameSync(folder, gone);
    for (const path of [gone, folder]) rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  if (until === 'test') onTestFinished(remove);
  else afterAll(remove, 120_000);
  return folder;
}

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as its own process, as a user runs it. */
export function graft(args: readonly string[], environment: Record<string, string>): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...nodeOptions, main, ...args],
      { env: { ...process.env, ...uncalibrated, ...environment }, maxBuffer: 64 * 2 ** 20 },
      (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** The command at a pseudo-terminal (util-linux's script), where a person types once something is asked. */
export function graftAtTerminal(
  args: readonly string[],
  typed: string,
  environment: Record<string, string>,
): Promise<{ readonly status: number; readonly shown: string }> {
  const command = [process.execPath, ...nodeOptions, main, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, ...uncalibrated, ...environment },
  });
  let shown = '';
  let asked = false;
  child.stdout.on('data', (chunk) => {
    shown += chunk;
    if (asked || !shown.includes(' to go on: ')) return;
    asked = true;
    child.stdin.write(typed);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status: status ?? -1, shown }));
  });
}

/** The one JSON document that `--json` prints. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
export async function graftJson(args: readonly string[], environment: Record<string, string>): Promise<any> {
  const { stdout, stderr } = await graft([...args, '--json'], environment);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`no JSON document: ${stdout}\n${stderr}`);
  }
}

export interface DevServer {
  readonly address: string;
  /** What it printed at its first start, where requests need it. */
  readonly token?: string;
  readonly process: ChildProcess;
  /** Ends it as the test wants it to end, and waits for that. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** `graft dev` on a free port; it ends with the test. @param prefix a command that starts it, whose arguments follow */
export async function startDev(
  environment: Record<string, string>,
  options: readonly string[] = [],
  prefix: readonly string[] = [],
): Promise<DevServer> {
  const { document, ...started } = await startServing(['dev', ...options], environment, prefix);
  return { ...started, address: document.address ?? '', ...(document.token !== undefined && { token: document.token }) };
}

/** `graft console` on a free port; it ends with the test. @returns the address of its page */
export async function startConsole(environment: Record<string, string>): Promise<string> {
  return (await startServing(['console'], environment)).document.page ?? '';
}

/** A command that prints one document, and then serves until the test ends. */
async function startServing(args: readonly string[], environment: Record<string, string>, prefix: readonly string[] = []) {
  const [program = process.execPath, ...rest] = [...prefix, process.execPath, ...nodeOptions, main, ...args];
  const child = spawn(program, [...rest, '--port', '0', '--json'], {
    env: { ...process.env, ...uncalibrated, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  onTestFinished(() => stop('SIGKILL'));
  const document: Record<string, string | undefined> = JSON.parse(await firstDocument(child));
  return { document, process: child, stop };
}

function firstDocument(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (status) => reject(new Error(`graft ended with ${status}: ${text}`)));
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.trimEnd().endsWith('}')) resolve(text);
    });
  });
}
