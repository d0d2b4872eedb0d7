import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { findRow, findVariant } from '../../lib/backbones/find-row.ts';
import { officialFile } from '../../lib/backbones/official-file.ts';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import { errorJson } from '../../lib/errors.ts';
import type { Deployment } from '../deployment.ts';
import { remoteClient } from '../remote-client.ts';
import { type Account, findAccount } from './account.ts';
import { bootstrapCommand } from './explain-cdk.ts';
import { GPU_QUOTAS, gpuQuota, requestGpuQuota, SMALLEST_GPU_VCPUS } from './gpu-quota.ts';
import { FEW_FUNCTIONS, lambdaConcurrency, mostExtractions, requestLambdaConcurrency } from './lambda-concurrency.ts';

export type Verdict = 'ok' | 'warn' | 'fail';

/** One line of `graft doctor`. */
export interface Check {
  readonly name: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly found: string;
  /** The command that fixes it. */
  readonly fix?: string;
}

const WEIGHTS_ANSWER_MS = 10_000;
/** The oldest version of CDK's bootstrap stack that works with its current assets. */
const BOOTSTRAP_VERSION = 6;

/** Checks everything that a deployment needs, one by one. Skips checks that depend on a failed one. */
export async function checkAll(deployment: Deployment | undefined, onCheck: (check: Check) => void): Promise<Check[]> {
  const checks: Check[] = [];
  const add = (check: Check) => {
    checks.push(check);
    onCheck(check);
  };
  const account = await findAccount().catch((error: unknown) => add(failure('credentials', error)));
  if (account) {
    add({ name: 'credentials', verdict: 'ok', found: account.arn });
    add({ name: 'region', verdict: 'ok', found: account.region });
    add(await checkBootstrap(account));
    for (const [name, code] of Object.entries(GPU_QUOTAS)) add(await checkGpuQuota(name, code, account));
    add(await checkConcurrency(account, deployment));
    if (deployment !== undefined) add(await checkStack(deployment));
  }
  add(await checkDocker());
  add(await checkWeights());
  add(await checkApi(deployment));
  return checks;
}

async function checkBootstrap(account: Account): Promise<Check> {
  const ssm = new SSMClient({ region: account.region, maxAttempts: 2 });
  const name = 'bootstrap';
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }));
    const version = Number(Parameter?.Value);
    if (version >= BOOTSTRAP_VERSION) return { name, verdict: 'ok', found: `version ${version}` };
    return { name, verdict: 'fail', found: `version ${version}, too old`, fix: bootstrapCommand(account) };
  } catch (error) {
    if (error instanceof Error && error.name !== 'ParameterNotFound') return failure(name, error);
    return { name, verdict: 'fail', found: 'CDK is not bootstrapped in this region', fix: bootstrapCommand(account) };
  } finally {
    ssm.destroy();
  }
}

async function checkGpuQuota(name: string, code: string, { region }: Account): Promise<Check> {
  try {
    const vcpus = await gpuQuota(code, region);
    if (vcpus >= SMALLEST_GPU_VCPUS) return { name, verdict: 'ok', found: `${vcpus} vCPUs` };
    const found =
      `${vcpus} vCPUs, and the smallest machine has ${SMALLEST_GPU_VCPUS}: a new account begins with none. Small jobs train ` +
      'without';
    return { name, verdict: 'warn', found, fix: requestGpuQuota(code, region) };
  } catch (error) {
    const errorText = messageOf(error);
    return { name, verdict: 'warn', found: `Service Quotas failed: ${errorText}` };
  }
}

/** Compares the functions that the account runs at once with those that may extract features. */
async function checkConcurrency({ region }: Account, deployment: Deployment | undefined): Promise<Check> {
  const name = 'functions';
  try {
    const most = await lambdaConcurrency(region);
    const deployed = deployment && (await deployedExtractions(deployment).catch(() => undefined));
    return { name, ...concurrencyVerdict(most, deployed, region) };
  } catch (error) {
    const errorText = messageOf(error);
    return { name, verdict: 'warn', found: `Lambda did not say how many functions run at once: ${errorText}` };
  }
}

/**
 * Rates how many functions an account runs at once.
 * @param deployed the deployment's `maxExtractions`; undefined if it is unknown
 */
export function concurrencyVerdict(most: number, deployed: number | undefined, region: string): Omit<Check, 'name'> {
  const found = `${most} at once in this account`;
  if (most < FEW_FUNCTIONS)
    return {
      verdict: 'warn',
      found: `${found}, for imports, trainings, the API and the features of many images`,
      fix: requestLambdaConcurrency(region),
    };
  const may = mostExtractions(most);
  if (deployed === undefined || deployed <= may) return { verdict: 'ok', found: `${found}: maxExtractions may be up to ${may}` };
  return {
    verdict: 'warn',
    found: `${found}: with maxExtractions ${deployed} too few are left for imports, trainings and the API`,
    fix: `graft deploy --set maxExtractions=${may}, with all of your other settings`,
  };
}

/** The `maxExtractions` of a deployment. Undefined if its stack does not say. */
async function deployedExtractions({ stack, region }: Deployment): Promise<number | undefined> {
  const cloudFormation = new CloudFormationClient({ region, maxAttempts: 2 });
  try {
    const { Stacks: [found] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    const output = found?.Outputs?.find(({ OutputKey }) => OutputKey === 'MaxExtractions')?.OutputValue;
    return output === undefined ? undefined : Number(output);
  } finally {
    cloudFormation.destroy();
  }
}

async function checkStack({ stack, region }: Deployment): Promise<Check> {
  const cloudFormation = new CloudFormationClient({ region, maxAttempts: 2 });
  const name = 'stack';
  try {
    const { Stacks: [found] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    const status = found?.StackStatus ?? 'unknown';
    if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return { name, verdict: 'ok', found: `${stack} is ${status}` };
    return { name, verdict: 'fail', found: `${stack} is ${status}`, fix: 'graft deploy' };
  } catch (error) {
    return { ...failure(name, error), fix: 'graft deploy' };
  } finally {
    cloudFormation.destroy();
  }
}

async function checkDocker(): Promise<Check> {
  const name = 'docker';
  try {
    const { stdout } = await promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 });
    return { name, verdict: 'ok', found: stdout.trim() };
  } catch {
    return {
      name,
      verdict: 'warn',
      found: 'no docker engine answers; only the training image for GPUs needs it',
      fix: 'start docker, or graft deploy --no-gpu',
    };
  }
}

/**
 * Checks that the publisher's server of pretrained weights is reachable; only the bundled backbone needs no download.
 */
async function checkWeights(): Promise<Check> {
  const name = 'weights';
  const { url } = officialFile('vgg16', findVariant(findRow('vgg16')), { top: false });
  const { host } = new URL(url);
  try {
    const { ok, status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(WEIGHTS_ANSWER_MS) });
    if (ok) return { name, verdict: 'ok', found: `${host} answers` };
    throw new Error(`status ${status}`);
  } catch (error) {
    const errorText = messageOf(error);
    return {
      name,
      verdict: 'warn',
      found: `${host} does not serve pretrained weights to this machine (${errorText}); the bundled backbone needs none`,
      fix: 'check the network, or import a file: graft weights import FILE --backbone NAME',
    };
  }
}

async function checkApi(deployment: Deployment | undefined): Promise<Check> {
  const name = 'api';
  if (deployment === undefined)
    return { name, verdict: 'warn', found: 'nothing was deployed from this folder', fix: 'graft deploy' };
  try {
    const client = await remoteClient(deployment.api, deployment.region);
    const { status } = await client.health();
    return { name, verdict: 'ok', found: `${deployment.api} says ${status}` };
  } catch (error) {
    return { ...failure(name, error), fix: 'graft deploy' };
  }
}

function failure(name: string, error: unknown): Check {
  const { message, received, fix } = errorJson(error);
  return { name, verdict: 'fail', found: typeof received === 'string' ? received : message, ...(fix !== undefined && { fix }) };
}
