import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { consoleProxy, PROXY_BODY_BYTES } from '../../functions/local/console-proxy.ts';
import { openRemoteLabelling } from '../../functions/local/remote/remote-labelling.ts';
import { serve } from '../../functions/local/serve.ts';
import { jsonLog } from '../../functions/world.ts';
import { UsageError } from '../../lib/errors.ts';
import { cacheFolder } from '../../lib/local/cache-folder.ts';
import { readDeployment } from '../deployment.ts';
import { EXIT, type Output } from '../output.ts';
import { checkAddress, remoteTransport } from '../remote-client.ts';

export interface ConsoleOptions {
  readonly port: number;
  /** Whether the command has --remote. */
  readonly remote: boolean;
}

/** The console asks the API all the time; its requests take longer than those of one machine. */
const REQUEST_MS = 60_000;

/**
 * graft console: serves the console of an API elsewhere on loopback, until it is stopped. Requests to AWS are signed with
 * the user's credentials, so each one to this server needs a token: other users of the machine can reach it, too. This
 * machine itself suggests labels and finds images, which needs the features of all of them.
 */
export async function consolePage({ port, remote }: ConsoleOptions, output: Output): Promise<number> {
  const { api, region } = await findApi(process.env, { remote });
  const token = randomBytes(32).toString('base64url');
  const send = await remoteTransport(api, region);
  const cache = join(cacheFolder(), 'console');
  const labelling = openRemoteLabelling({ send, directory: cache, log: jsonLog });
  const proxy = consoleProxy(api, send, { labelling });
  const limits = { requestMs: REQUEST_MS, bodyBytes: PROXY_BODY_BYTES };
  const server = await serve(proxy, { host: '127.0.0.1', port, token, ...limits });
  const page = `${server.address}/#/?token=${token}`;
  output.result(
    { address: server.address, page, api, cache },
    [
      `The console of ${api}:`,
      `  ${page}`,
      'The address contains a token that lasts until Ctrl-C. Do not pass it on.',
      `Suggestions and Find keep features in ${cache}.`,
    ].join('\n'),
  );
  const stop = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.resolve());
  await stop.promise;
  await server.close();
  await labelling.close();
  return EXIT.done;
}

/**
 * The address in GRAFT_API; with --remote, as for other commands, or without GRAFT_API that of the deployment that was
 * made from this folder.
 * @throws UsageError NOTHING_DEPLOYED, ADDRESS_INVALID
 */
export async function findApi(
  environment: NodeJS.ProcessEnv,
  { remote }: Pick<ConsoleOptions, 'remote'>,
): Promise<{ readonly api: string; readonly region?: string }> {
  if (environment.GRAFT_API && !remote) return { api: checkAddress(environment.GRAFT_API) };
  const deployment = await readDeployment(environment);
  if (deployment !== undefined) return deployment;
  throw new UsageError('NOTHING_DEPLOYED', {
    at: remote ? '--remote' : 'graft console',
    expected: `a deployment from this folder${remote ? '' : ', or GRAFT_API'}`,
    received: remote ? 'none' : 'neither',
    fix: 'graft deploy, or graft dev for the console of this machine',
  });
}
