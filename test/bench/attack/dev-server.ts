import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const command = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

export interface DevServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Tells whether the server has ended by itself. */
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/**
 * Starts `graft dev` as a process of its own, on a free port of loopback. Its log goes to standard error if
 * `GRAFT_DEBUG` is set.
 */
export async function startDevServer(directory: string): Promise<DevServer> {
  const { GRAFT_API: _, GRAFT_API_TOKEN: __, ...environment } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', command, 'dev', '--port', '0', '--json'], {
    env: { ...environment, GRAFT_DATA_DIR: directory },
    stdio: ['ignore', 'pipe', process.env.GRAFT_DEBUG ? 'inherit' : 'ignore'],
  });
  // The server must end with the bench, however it ends.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { hostname, port } = new URL(z.object({ address: z.url() }).parse(JSON.parse(await firstDocument(child))).address);
  return {
    host: hostname,
    port: Number(port),
    pid: child.pid ?? 0,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
      process.off('exit', kill);
    },
  };
}

function firstDocument(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('error', reject).once('exit', (status) => reject(new Error(`graft dev ended with ${status}: ${text}`)));
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.trimEnd().endsWith('}')) resolve(text);
    });
  });
}
