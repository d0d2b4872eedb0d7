import { type ApiToken, apiToken } from '../../functions/local/api-token.ts';
import { exitWhenFolderIsDeleted } from '../../functions/local/exit-when-folder-is-deleted.ts';
import { listenAddress } from '../../functions/local/listen.ts';
import { openLocalSystem } from '../../functions/local/local-system.ts';
import { runWorker } from '../../functions/local/run-worker.ts';
import { requiresToken, serve } from '../../functions/local/serve.ts';
import { jsonLog } from '../../functions/world.ts';
import { RuntimeError } from '../../lib/errors.ts';
import { holdWorkerLock } from '../../lib/local/worker-lock.ts';
import { EXIT, type Output } from '../output.ts';

export interface DevOptions {
  readonly host: string;
  readonly port: number;
  /** Names to accept as Host, besides the server's address and loopback names. */
  readonly allowedHost?: readonly string[];
}

/**
 * graft dev: runs API, queues and worker on this machine until it is stopped. The next start continues running jobs.
 */
export async function dev({ host, port, allowedHost: allowedHosts = [] }: DevOptions, output: Output): Promise<number> {
  const system = openLocalSystem(process.env, jsonLog);
  const lock = await takeLock(system.directory);
  const token = await tokenFor(await listenAddress(host), allowedHosts, system.directory);
  const server = await serve(system.api, { host, port, allowedHosts, token: token?.token });
  output.result(
    { address: server.address, directory: system.directory, ...(token?.isNew && { token: token.token }) },
    [
      `Graft listens at ${server.address} and keeps its data in ${system.directory}. In another terminal:`,
      `  export GRAFT_API=${server.address}`,
      ...(token === undefined ? [] : [exportOf(token)]),
      '  graft train --dataset PATH --wait',
      ...(token?.isNew ? [`Every request needs this token. It is not shown again; ${token.file} keeps it.`] : []),
    ].join('\n'),
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  await exitWhenFolderIsDeleted(system);
  await runWorker(system, stop.signal);
  await server.close();
  lock.close();
  await system.close();
  return EXIT.done;
}

/** The token that requests need, if other machines can reach the server, or if the environment sets one. */
async function tokenFor(address: string, allowedHosts: readonly string[], directory: string): Promise<ApiToken | undefined> {
  if (!requiresToken(address, allowedHosts) && !process.env.GRAFT_API_TOKEN) return undefined;
  return apiToken(directory, process.env);
}

/** How clients get the token; the token itself is shown only at its first start. */
function exportOf({ token, file, isNew }: ApiToken): string {
  if (file === undefined) return '  (GRAFT_API_TOKEN as it is set here)';
  return `  export GRAFT_API_TOKEN=${isNew ? token : `"$(cat '${file.replaceAll("'", `'\\''`)}')"`}`;
}

/** A detached worker may still be finishing a job on this folder; it exits when it is done. */
async function takeLock(directory: string) {
  const lock = await holdWorkerLock(directory);
  if (lock !== undefined) return lock;
  throw new RuntimeError('DATA_FOLDER_IN_USE', {
    at: directory,
    expected: 'no other worker on this folder',
    received: 'another graft dev, or a worker that has not finished its jobs',
    fix: 'wait until its jobs have ended (graft jobs lists them), or set GRAFT_DATA_DIR to another folder',
  });
}
