import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import { findAccount } from '../aws/account.ts';
import { runCdk } from '../aws/cdk.ts';
import { gpuWarning } from '../aws/gpu-quota.ts';
import { publishConsole } from '../aws/publish-console.ts';
import { type Deployment, writeDeployment } from '../deployment.ts';
import { EXIT, type Output } from '../output.ts';

export interface DeployOptions {
  readonly name: string;
  readonly gpu: boolean;
  /** `key=value`, as infra/settings.ts takes them. */
  readonly set?: readonly string[];
}

/** An output whose value is JSON text. */
const signIn = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(SignInSettings);

/** The outputs of each stack, by its name. */
const Outputs = z.record(z.string(), z.looseObject({ ApiUrl: z.url().optional() }));
/** The outputs of the main stack with the setting consoleSite. */
const Site = z.object({ ConsoleUrl: z.url(), ConsoleBucket: z.string(), ConsoleUserPool: z.string(), ConsoleSignIn: signIn });
type Site = z.infer<typeof Site>;

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
    const stack = Outputs.parse(JSON.parse(await readFile(outputs, 'utf8')))[name];
    const api = z.url().parse(stack?.ApiUrl);
    const deployment: Deployment = { api: api.replace(/\/$/, ''), region: where.region, stack: name };
    await writeDeployment(deployment, process.env);
    const site = stack !== undefined && 'ConsoleUrl' in stack ? Site.parse(stack) : undefined;
    if (site !== undefined) {
      output.progress(`publishing the console at ${site.ConsoleUrl}`);
      await publishConsole(site.ConsoleBucket, where.region, site.ConsoleSignIn);
    }
    output.endProgress();
    const warning = gpu ? await gpuWarning(where.region) : undefined;
    if (warning !== undefined) output.note(warning);
    const console = site && { address: site.ConsoleUrl, userPool: site.ConsoleUserPool };
    output.result({ ...deployment, ...(console && { console }) }, described(deployment, gpu, site));
    return EXIT.done;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The context of the CDK app. `graft:set` names the keys that must be settings: others may be of CDK. */
export function contextOf(name: string, gpu: boolean, set: readonly string[] = []): string[] {
  const keys = set.map((setting) => setting.split('=')[0]).join();
  const settings = [...set, ...(keys === '' ? [] : [`graft:set=${keys}`])];
  return [`name=${name}`, ...(gpu ? [] : ['gpu=false']), ...settings].flatMap((setting) => ['--context', setting]);
}

function described({ api, region }: Deployment, gpu: boolean, site: Site | undefined): string {
  return [
    `Graft is at ${api} in ${region}${gpu ? '' : ', without GPU machines'}. An idle deployment runs nothing. Train a model ` +
      'there:',
    '  graft train --remote --dataset PATH --wait',
    ...(site === undefined ? [] : describedSite(site, region)),
    'docs/cost.md lists the costs; graft destroy removes the deployment.',
  ].join('\n');
}

function describedSite({ ConsoleUrl, ConsoleUserPool }: Site, region: string): string[] {
  return [
    `The console is at ${ConsoleUrl}. Users sign in; to create one, who gets an email with a first password:`,
    `  aws cognito-idp admin-create-user --region ${region} --user-pool-id ${ConsoleUserPool} --username EMAIL ` +
      '--user-attributes Name=email,Value=EMAIL Name=email_verified,Value=true --desired-delivery-mediums EMAIL',
  ];
}
