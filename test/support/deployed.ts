import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Client, createClient } from '../../lib/client/client.ts';
import { signWithAws } from '../../lib/client/sign-with-aws.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import type { Ministack } from './ministack.ts';
import { root } from './pages.ts';

const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const ACCOUNT = '000000000000';

/** Bootstraps, then deploys the main stack as `cdk deploy` does. @returns the stack's outputs */
export async function deployTo({ environment }: Ministack, folder: string): Promise<Record<string, string>> {
  const outputs = join(folder, 'outputs.json');
  const env = { ...process.env, ...environment, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };
  // Outside of the repository: bootstrap needs no app.
  await runCdk(['bootstrap', `aws://${ACCOUNT}/${environment.AWS_REGION}`], { env, cwd: folder });
  const how = ['--method=direct', '--require-approval', 'never', '--outputs-file', outputs, '--output', join(folder, 'cdk.out')];
  await runCdk(['deploy', 'Graft', '-c', 'gpu=false', ...how], { env, cwd: root });
  return JSON.parse(await readFile(outputs, 'utf8')).graft;
}

async function runCdk(args: readonly string[], options: { env: NodeJS.ProcessEnv; cwd: string }): Promise<void> {
  await promisify(execFile)(process.execPath, [cdk, ...args], { ...options, maxBuffer: 64 * 2 ** 20 });
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
