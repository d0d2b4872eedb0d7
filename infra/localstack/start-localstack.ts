/**
 * LocalStack's community edition on this machine, without Docker: S3, SQS and the services that `cdk deploy` needs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { RuntimeError } from '../../lib/errors.ts';
import { freePort } from './free-port.ts';
import { installLocalStack } from './install-localstack.ts';

export interface LocalStack {
  readonly endpoint: string;
  /** The environment in which a program uses LocalStack and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** Stops it, and removes its data. */
  stop(): Promise<void>;
}

export interface LocalStackOptions {
  /** Of 127.0.0.1; default: a free one. */
  readonly port?: number;
  /** Called with messages about long steps. */
  readonly tell?: (line: string) => void;
}

const SERVICES = 's3,sqs,sns,events,cloudformation,cloudwatch,sts,iam,ssm';
const READY_WITHIN_MS = 180_000;
const LOOKS_EVERY_MS = 250;
const ENDS_WITHIN_MS = 10_000;

/** @throws RuntimeError LOCALSTACK_FAILED with the end of its log; those of installLocalStack */
export async function startLocalStack({ port, tell = () => {} }: LocalStackOptions = {}): Promise<LocalStack> {
  const python = await installLocalStack(tell);
  const chosen = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'graft-localstack-'));
  const log = join(folder, 'localstack.log');
  const child = spawn(python, ['-m', 'localstack.runtime.main'], {
    env: { ...process.env, ...settings(chosen, folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // Stops the child whenever this process ends.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);

  const stop = async () => {
    process.off('exit', kill);
    await end(child, ended);
    file.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = `http://127.0.0.1:${chosen}`;
  try {
    await untilReady(endpoint, child);
  } catch (error) {
    const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-20).join('\n');
    await stop();
    throw new RuntimeError('LOCALSTACK_FAILED', {
      at: endpoint,
      expected: 'LocalStack to respond',
      received: lines === '' ? String(error) : lines,
      fix: 'choose another port: npm run localstack -- PORT',
      cause: error,
    });
  }
  tell(`LocalStack answers at ${endpoint}`);
  return { endpoint, environment: environmentOf(endpoint), stop };
}

/** Any credentials are accepted; a region is required. */
export function environmentOf(endpoint: string): Record<string, string> {
  return { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
}

function settings(port: number, folder: string): Record<string, string> {
  return {
    // Its server takes an IPv4 host for "every address"; in this form it listens on loopback alone.
    GATEWAY_LISTEN: `[::ffff:127.0.0.1]:${port}`,
    LOCALSTACK_HOST: `127.0.0.1:${port}`,
    FILESYSTEM_ROOT: join(folder, 'data'),
    SERVICES,
    EAGER_SERVICE_LOADING: '1',
    S3_SKIP_SIGNATURE_VALIDATION: '0',
    SQS_ENDPOINT_STRATEGY: 'path',
    // Seconds between reports of queue lengths to CloudWatch.
    SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    DNS_ADDRESS: '0',
  };
}

async function untilReady(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('LocalStack ended');
    const health = await fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(5_000) })
      .then((response) => response.text())
      .catch(() => '');
    if (/"s3": "(running|available)"/.test(health) && /"sqs": "(running|available)"/.test(health)) return;
    await wait(LOOKS_EVERY_MS);
  }
  throw new Error(`no answer within ${READY_WITHIN_MS / 1000} s`);
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  await ended;
  clearTimeout(late);
}
