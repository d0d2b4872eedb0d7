import type { ApiToken } from '../../functions/local/api-token.ts';
import { startServer } from '../../functions/local/start-server.ts';
import { jsonLog } from '../../functions/world.ts';
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
  const server = await startServer(process.env, { host, port, allowedHosts }, jsonLog);
  const { address, directory, token } = server;
  output.result(
    { address, directory, ...(token?.isNew && { token: token.token }) },
    [
      `Graft listens at ${address} and keeps its data in ${directory}.`,
      'Open this address in a browser, or use another terminal:',
      `  export GRAFT_API=${address}`,
      ...(token === undefined ? [] : [exportOf(token)]),
      '  graft train --dataset PATH --wait',
      ...(token?.isNew ? [`Every request needs this token. It is not shown again; ${token.file} keeps it.`] : []),
    ].join('\n'),
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  await server.run(stop.signal);
  return EXIT.done;
}

/** How clients get the token; the token itself is shown only at its first start. */
function exportOf({ token, file, isNew }: ApiToken): string {
  if (file === undefined) return '  (GRAFT_API_TOKEN as it is set here)';
  return `  export GRAFT_API_TOKEN=${isNew ? token : `"$(cat '${file.replaceAll("'", `'\\''`)}')"`}`;
}
