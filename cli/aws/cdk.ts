import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { RuntimeError } from '../../lib/errors.ts';
import type { Account } from './account.ts';
import { findCdkApp } from './cdk-app.ts';
import { explainCdk } from './explain-cdk.ts';

/**
 * Runs the AWS CDK that this repository pins, on its app.
 * @param onLine called with each line that it prints
 * @throws UsageError CDK_APP_MISSING; RuntimeError CDK_FAILED and the errors of explainCdk()
 */
export async function runCdk(args: readonly string[], where: Account, onLine: (line: string) => void): Promise<void> {
  const root = findCdkApp();
  const child = spawn(process.execPath, [join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--ci', '--no-color'], {
    cwd: root,
    // The app runs on the Node of this process.
    env: {
      ...process.env,
      AWS_REGION: where.region,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.trim() !== '') onLine(line.trim());
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new RuntimeError('CDK_FAILED', { received: cause.message, fix: 'npm ci', cause })));
    child.once('close', resolve);
  });
  if (status !== 0) throw explainCdk(lines, where);
}
