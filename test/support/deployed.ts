import { type Client, createClient } from '../../lib/client/client.ts';
import { signWithAws } from '../../lib/client/sign-with-aws.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { bootstrap, deployStack } from './cdk.ts';
import type { Ministack } from './ministack.ts';

/** Bootstraps, then deploys the main stack as `cdk deploy` does. @returns the stack's outputs */
export async function deployTo({ environment }: Ministack, folder: string): Promise<Record<string, string>> {
  await bootstrap({ environment, folder });
  return deployStack('Graft', { environment, folder }, ['-c', 'gpu=false', '--method=direct']);
}

/** A client of the deployed API, as the command makes one; ministack answers for API Gateway under a path of its own. */
export function clientOf(apiUrl: string, { endpoint }: Ministack): Client {
  const signer = signWithAws(async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }), 'us-east-1');
  return createClient(
    httpTransport(apiUrl, { signer, fetcher: (request) => fetch(there(new Request(request), apiUrl, endpoint)) }),
  );
}

/** The request as ministack wants it, where it is for the API. */
function there(request: Request, apiUrl: string, endpoint: string): Request {
  const { host, pathname, search } = new URL(request.url);
  const [id] = new URL(apiUrl).host.split('.');
  if (host !== new URL(apiUrl).host) return request;
  return new Request(`${endpoint}/_aws/execute-api/${id}/$default${pathname}${search}`, request);
}
