import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../docs/pages.ts';

const program = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
/** Of every emulator. */
const ACCOUNT = '000000000000';

export interface CdkRun {
  /** What sends CDK to an emulator. */
  readonly environment: NodeJS.ProcessEnv;
  /** Keeps what is written on the way. */
  readonly folder: string;
}

/** Bootstraps the account, as each needs it once for each region. */
export async function bootstrap({ environment, folder }: CdkRun): Promise<void> {
  // Outside of the repository: bootstrap needs no app.
  await runCdk(['bootstrap', `aws://${ACCOUNT}/${environment.AWS_REGION}`], environment, folder);
}

/**
 * Deploys a stack as `cdk deploy` does: its template is synthesized, its assets are uploaded, CloudFormation makes the rest.
 * @param args flags besides
 * @returns the stack's outputs
 */
export async function deployStack(
  stack: string,
  { environment, folder }: CdkRun,
  args: readonly string[] = [],
): Promise<Record<string, string>> {
  const outputs = join(folder, 'outputs.json');
  const where = ['--outputs-file', outputs, '--output', join(folder, 'cdk.out')];
  await runCdk(['deploy', stack, '--require-approval', 'never', ...where, ...args], environment, root);
  const [told] = Object.values(JSON.parse(await readFile(outputs, 'utf8')) as Record<string, Record<string, string>>);
  if (told === undefined) throw new Error(`${stack} has no outputs`);
  return told;
}

async function runCdk(args: readonly string[], environment: NodeJS.ProcessEnv, cwd: string): Promise<void> {
  const env = { ...process.env, ...environment, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };
  await promisify(execFile)(process.execPath, [program, ...args], { env, cwd, maxBuffer: 64 * 2 ** 20 });
}
