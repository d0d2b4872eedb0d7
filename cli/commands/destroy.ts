import { UsageError } from '../../lib/errors.ts';
import { type Account, findAccount } from '../aws/account.ts';
import { runCdk } from '../aws/cdk.ts';
import { bucketExists, deleteBucket } from '../aws/delete-bucket.ts';
import { findStacks } from '../aws/find-stacks.ts';
import { confirmName, requireTerminal } from '../confirm-name.ts';
import { readDeployment, removeDeployment } from '../deployment.ts';
import { EXIT, type Output } from '../output.ts';
import { contextOf, dataBuckets } from './deploy.ts';

export interface DestroyOptions {
  readonly name: string;
  readonly deleteData?: boolean;
  /** Deletes data without asking. */
  readonly yes?: boolean;
}

const APP = './node_modules/.bin/node --disable-warning=ExperimentalWarning infra/destroy-app.ts';

/**
 * graft destroy: removes both stacks, and the files of the console's site. The other buckets stay for a later
 * deployment, unless their data is to be deleted too; then a person must first type the name of the deployment.
 * @throws UsageError DEPLOYMENT_ACCOUNT_MISMATCH, so that no deployment of the same name in another account is removed;
 * DEPLOYMENT_REGION_MISMATCH, so that another region does not look like an empty account; as confirmName
 */
export async function destroy({ name, deleteData = false, yes = false }: DestroyOptions, output: Output): Promise<number> {
  // Before any request to AWS.
  if (deleteData && !yes) requireTerminal();
  const where = await findAccount();
  await requireSameTarget(name, where);
  const buckets = await findBuckets(name, where);
  if (deleteData && !yes && buckets.length > 0) await confirmName(name, warning(name, where, buckets));
  const stacks = await findStacks([`${name}-gpu`, name], where.region);
  if (stacks.length > 0) {
    const args = ['destroy', 'Graft', 'GraftGpu', '--app', APP, ...contextOf({ name, gpu: true }, where), '--force'];
    await runCdk(args, where, (line) => output.progress(`removing: ${line}`));
  }
  await removeDeployment(name, process.env);
  const site = siteBucket(name, where);
  if (await bucketExists(site, where.region))
    await deleteBucket(site, where.region, (count) => output.progress(`deleting ${site}: ${count} objects`));
  if (deleteData) {
    for (const bucket of buckets)
      await deleteBucket(bucket, where.region, (count) => output.progress(`deleting ${bucket}: ${count} objects`));
  }
  const [kept, deleted] = deleteData ? [[], buckets] : [buckets, []];
  output.endProgress();
  output.result(
    { stack: name, region: where.region, removed: stacks, kept, deleted },
    described(name, where, stacks, kept, deleted),
  );
  return EXIT.done;
}

/** The existing buckets of a deployment, also after its stacks are gone. */
async function findBuckets(name: string, where: Account): Promise<string[]> {
  const found: string[] = [];
  for (const bucket of dataBuckets(name, where)) if (await bucketExists(bucket, where.region)) found.push(bucket);
  return found;
}

/** It contains the files of the console alone, which the next deployment brings again. */
function siteBucket(name: string, { account, region }: Account): string {
  return `${name}-console-${account}-${region}`;
}

function warning(name: string, { account, region }: Account, buckets: readonly string[]): string {
  return [
    `This removes ${name} from account ${account} in ${region}, and permanently deletes every image and every model in`,
    ...buckets.map((bucket) => `  ${bucket}`),
  ].join('\n');
}

/** Refuses another account or region than those that were deployed to from this folder. */
async function requireSameTarget(name: string, { account, region }: Account): Promise<void> {
  const deployment = await readDeployment(process.env);
  if (deployment === undefined || deployment.stack !== name) return;
  if (deployment.account !== undefined && deployment.account !== account) {
    throw new UsageError('DEPLOYMENT_ACCOUNT_MISMATCH', {
      at: name,
      expected: `credentials of the account that it was deployed in, ${deployment.account}`,
      received: `those of ${account}`,
      fix: 'export AWS_PROFILE=NAME, with the profile of that account',
    });
  }
  if (deployment.region === region) return;
  throw new UsageError('DEPLOYMENT_REGION_MISMATCH', {
    at: name,
    expected: `the region that it was deployed in, ${deployment.region}`,
    received: region,
    fix: `AWS_REGION=${deployment.region} graft destroy`,
  });
}

function described(
  name: string,
  { account, region }: Account,
  stacks: readonly string[],
  kept: readonly string[],
  deleted: readonly string[],
): string {
  const there = stacks.length + kept.length + deleted.length > 0;
  if (!there) return `There is no deployment ${name} in account ${account} in ${region}.`;
  if (kept.length === 0) return `${name} is gone, and its data with it.`;
  return [
    `${name} is gone. Its images and models are still there, and billed as storage, in`,
    ...kept.map((bucket) => `  ${bucket}`),
    'graft deploy takes them up again; graft destroy --delete-data deletes them for good.',
  ].join('\n');
}
