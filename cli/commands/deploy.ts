import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findAccount } from '../aws/account.ts';
import { runCdk } from '../aws/cdk.ts';
import { gpuWarning } from '../aws/gpu-quota.ts';
import { type Deployment, writeDeployment } from '../deployment.ts';
import { EXIT, type Output } from '../output.ts';

export interface DeployOptions {
  readonly name: string;
  readonly gpu: boolean;
  /** `key=value`, as infra/settings.ts takes them. */
  readonly set?: readonly string[];
}

/** The outputs of each stack, by its name. */
const Outputs = z.record(z.string(), z.looseObject({ ApiUrl: z.url().optional() }));

/** graft deploy: deploys the CDK app with the CDK that the repository pins, and saves the address of the API. */
export async function deploy({ name, gpu, set = [] }: DeployOptions, output: Output): Promise<number> {
  const where = await findAccount();
  output.progress(`deploying to account ${where.account} in ${where.region}`);
  const folder = await mkdtemp(join(tmpdir(), 'graft-deploy-'));
  try {
    const outputs = join(folder, 'outputs.json');
    const stacks = gpu ? ['Graft', 'GraftGpu'] : ['Graft'];
    const args = ['deploy', ...stacks, ...contextOf(name, gpu, set), '--outputs-file', outputs, '--require-approval', 'never'];
    // The deployment takes over buckets that an earlier deployment left.
    await runCdk([...args, '--import-existing-resources'], where, (line) => output.progress(`deploying: ${line}`));
    const api = z.url().parse(Outputs.parse(JSON.parse(await readFile(outputs, 'utf8')))[name]?.ApiUrl);
    const deployment: Deployment = { api: api.replace(/\/$/, ''), region: where.region, stack: name };
    await writeDeployment(deployment, process.env);
    output.endProgress();
    const warning = gpu ? await gpuWarning(where.region) : undefined;
    if (warning !== undefined) output.note(warning);
    output.result(deployment, described(deployment, gpu));
    return EXIT.done;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function contextOf(name: string, gpu: boolean, set: readonly string[] = []): string[] {
  return [`name=${name}`, ...(gpu ? [] : ['gpu=false']), ...set].flatMap((setting) => ['--context', setting]);
}

function described({ api, region }: Deployment, gpu: boolean): string {
  return [
    `Graft is at ${api} in ${region}${gpu ? '' : ', without GPU machines'}. An idle deployment runs nothing. Train a model ` +
      'there:',
    '  graft train --remote --dataset PATH --wait',
    'docs/cost.md lists the costs; graft destroy removes the deployment.',
  ].join('\n');
}
