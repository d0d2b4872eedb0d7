import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import tls from 'node:tls';
import { freePort } from '../../../infra/localstack/free-port.ts';
import { pythonEnvironment } from '../processes/python-program.ts';

const VERSION = '1.5.33';
const STARTS_IN_TRIES = 300;

/** Its command, without its check of bucket names, which refuses an existing bucket also where the stack imports it. */
const PROGRAM = `
from ministack.app import main
from ministack.services.cloudformation import stacks
check = stacks._validation_errors
stacks._validation_errors = lambda *given: [error for error in check(*given) if error[2] != 'NAME_CONFLICT_VALIDATION']
main()
`;

/** AWS on this machine: CloudFormation, S3, SQS, IAM, an HTTP API, and Lambda functions that really run. */
export interface Ministack {
  readonly endpoint: string;
  /** What sends the SDK, CDK and our command there. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts ministack on a free port of this machine alone; what it installs stays in the cache. It holds every call to IAM policies
 * and signatures, those of the deployed functions too, which run on the Node that runs this.
 * Buckets and queues refuse whoever comes without TLS, so it speaks TLS, and this process learns to trust it.
 * @param folder gets its certificate, and in ministack.log what it says
 */
export async function startMinistack(folder: string): Promise<Ministack> {
  const python = join(await pythonEnvironment('ministack', VERSION), 'bin', 'python3');
  const port = await freePort();
  const endpoint = `https://127.0.0.1:${port}`;
  const log = join(folder, 'ministack.log');
  const output = openSync(log, 'w');
  const child = spawn(python, ['-c', PROGRAM], {
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: process.env.HOME,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: `${port}`,
      MINISTACK_HOST: 'localhost',
      AUTH: 'true',
      USE_SSL: '1',
      TMPDIR: folder,
    },
    stdio: ['ignore', output, output],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const certificate = join(folder, 'ministack-tls', 'server.crt');
  for (let tries = 0; !(existsSync(certificate) && (await answers(endpoint, certificate))); tries++) {
    if (child.exitCode !== null || tries > STARTS_IN_TRIES) {
      await stop();
      throw new Error(`ministack does not answer: see ${log}`);
    }
    await wait(100);
  }
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    NODE_EXTRA_CA_CERTS: certificate,
    // CDK's own.
    AWS_CA_BUNDLE: certificate,
  };
  return { endpoint, environment, stop };
}

async function answers(endpoint: string, certificate: string): Promise<boolean> {
  tls.setDefaultCACertificates([...tls.getCACertificates('bundled'), readFileSync(certificate, 'utf8')]);
  return fetch(`${endpoint}/_ministack/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}
