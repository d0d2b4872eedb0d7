import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import { type Account, findAccount } from '../aws/account.ts';
import { runCdk } from '../aws/cdk.ts';
import { bucketExists } from '../aws/delete-bucket.ts';
import { isDeployed } from '../aws/find-stacks.ts';
import { gpuWarning } from '../aws/gpu-quota.ts';
import { printedDone, printedOutputs } from '../aws/printed-outputs.ts';
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
const Outputs = z.record(z.string(), z.unknown());
/** Those of the main stack. */
const Main = z.looseObject({ ApiUrl: z.url() });
type Main = z.infer<typeof Main>;
/** Those that it also has with the setting consoleSite. */
const Site = z.object({ ConsoleUrl: z.url(), ConsoleBucket: z.string(), ConsoleUserPool: z.string(), ConsoleSignIn: signIn });
type Site = z.infer<typeof Site>;

/** graft deploy: deploys the CDK app with the CDK that the repository pins, and saves the address of the API. */
export async function deploy(options: DeployOptions, output: Output): Promise<number> {
  const { name, gpu } = options;
  const where = await findAccount();
  output.progress(`deploying to account ${where.account} in ${where.region}`);
  const { deployment, site } = await finish(await deployStacks(options, where, output), name, where, output);
  output.endProgress();
  const warning = gpu ? await gpuWarning(where.region) : undefined;
  if (warning !== undefined) output.note(warning);
  const console = site && { address: site.ConsoleUrl, userPool: site.ConsoleUserPool };
  output.result({ ...deployment, ...(console && { console }) }, described(deployment, gpu, site));
  return EXIT.done;
}

/**
 * Deploys both stacks, or without GPU machines the main stack alone. If a run fails after the main stack was deployed, its
 * API is saved and its console is published before the error is thrown.
 * @returns the outputs of the main stack @throws as runCdk
 */
async function deployStacks(options: DeployOptions, where: Account, output: Output): Promise<Main> {
  const { name, gpu } = options;
  const printed: string[] = [];
  const run = (args: readonly string[]) =>
    runCdk([...args, ...DEPLOY_FLAGS], where, (line) => {
      printed.push(line);
      output.progress(`deploying: ${line}`);
    });
  // As it is before the deployment: one that fails may leave a stack without machines.
  const hadMachines = gpu && (await isDeployed(`${name}-gpu`, where.region));
  if (await findsBuckets(name, where, output)) {
    output.progress('taking up the buckets of an earlier deployment');
    // With `gpu` as it is: unfinished jobs in these buckets fail for good if the functions know no queue of AWS Batch.
    await run(['deploy', 'Graft', ...contextOf(options, where), '--context', 'graft:import=true']);
  }
  const firstRun = printed.length;
  const folder = await mkdtemp(join(tmpdir(), 'graft-deploy-'));
  try {
    const file = join(folder, 'outputs.json');
    const stacks = gpu ? ['Graft', 'GraftGpu'] : ['Graft'];
    await run(['deploy', ...stacks, ...contextOf(options, where), '--outputs-file', file]);
    return Main.parse(Outputs.parse(JSON.parse(await readFile(file, 'utf8')))[name]);
  } catch (error) {
    const main = Main.safeParse(printedOutputs('Graft', printed)).data;
    if (main === undefined) throw error;
    await finish(main, name, where, output).catch((failure: unknown) => output.note(messageOf(failure)));
    const missing = whatIsMissing(printed.slice(firstRun), gpu, hadMachines);
    output.note(`Graft is at ${apiOf(main)}${missing === undefined ? '.' : `, but ${missing}`}`);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What a failed deployment of an existing main stack lacks.
 * @param printed by the last run of CDK
 * @param hadMachines whether the GPU stack was there before; undefined if that is unknown
 */
function whatIsMissing(printed: readonly string[], gpu: boolean, hadMachines: boolean | undefined): string | undefined {
  if (printedOutputs('Graft', printed) === undefined)
    return 'its buckets have no lifecycle and CORS rules yet: repeat the command.';
  if (!gpu || printedDone('GraftGpu', printed)) return undefined;
  if (hadMachines)
    return 'its GPU machines are not updated: those of the last deployment may fail new jobs, so repeat the command first.';
  const waiting = 'jobs that need them wait up to two hours.';
  return hadMachines === false
    ? `its GPU machines are not deployed: ${waiting}`
    : `its GPU machines are not deployed, or not updated: if there are none yet, ${waiting}`;
}

/** Saves the address of the API, and publishes the console if there is a site. @throws as publishConsole */
async function finish(
  main: Main,
  name: string,
  { account, region }: Account,
  output: Output,
): Promise<{ readonly deployment: Deployment; readonly site: Site | undefined }> {
  const deployment: Deployment = { api: apiOf(main), region, account, stack: name };
  await writeDeployment(deployment, process.env);
  const site = 'ConsoleUrl' in main ? Site.parse(main) : undefined;
  if (site !== undefined) {
    output.progress(`publishing the console at ${site.ConsoleUrl}`);
    await publishConsole(site.ConsoleBucket, region, site.ConsoleSignIn);
  }
  return { deployment, site };
}

function apiOf({ ApiUrl }: Main): string {
  return ApiUrl.replace(/\/$/, '');
}

/** CloudFormation imports the buckets that an earlier deployment left, instead of failing because they exist. */
const DEPLOY_FLAGS = ['--require-approval', 'never', '--import-existing-resources'];

/**
 * Whether there are buckets of an earlier deployment, whose rules (CORS, lifecycle) CloudFormation would not change. Then
 * a first run imports them without rules, and the next one adds the rules of this deployment: infra/constructs/storage.ts.
 * False if nobody knows whether they belong to a stack: a first run would take the rules of a working deployment.
 */
async function findsBuckets(name: string, where: Account, output: Output): Promise<boolean> {
  const deployed = await isDeployed(name, where.region);
  if (deployed) return false;
  const buckets = dataBuckets(name, where);
  const found = (await Promise.all(buckets.map((bucket) => bucketExists(bucket, where.region)))).includes(true);
  if (found && deployed === undefined)
    output.note(
      `AWS does not say whether ${name} is deployed, which takes the permission cloudformation:DescribeStacks. If it is ` +
        'not, its buckets keep the lifecycle and CORS rules of their last deployment: see "Remove it" in docs/deploy.md.',
    );
  return found && deployed === false;
}

/** The names of the buckets that stay when a deployment is removed: infra/constructs/bucket-name.ts. */
export function dataBuckets(name: string, { account, region }: Account): string[] {
  return ['data', 'models'].map((kind) => `${name}-${kind}-${account}-${region}`);
}

/**
 * The context of the CDK app. `graft:set` names the keys that must be settings: others may be of CDK. Account and region
 * become part of names.
 */
export function contextOf({ name, gpu, set = [] }: DeployOptions, { account, region }: Account): string[] {
  const keys = set.map((setting) => setting.split('=')[0]).join();
  const settings = [...set, ...(keys === '' ? [] : [`graft:set=${keys}`])];
  const names = [`name=${name}`, `graft:account=${account}`, `graft:region=${region}`];
  return [...names, ...(gpu ? [] : ['gpu=false']), ...settings].flatMap((setting) => ['--context', setting]);
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
