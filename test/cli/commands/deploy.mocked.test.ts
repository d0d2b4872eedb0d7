import { writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { findAccount } from '../../../cli/aws/account.ts';
import { runCdk } from '../../../cli/aws/cdk.ts';
import { bucketExists } from '../../../cli/aws/delete-bucket.ts';
import { isDeployed } from '../../../cli/aws/find-stacks.ts';
import { deploy } from '../../../cli/commands/deploy.ts';
import { readDeployment } from '../../../cli/deployment.ts';
import { createOutput } from '../../../cli/output.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { temporaryFolder } from '../../support/folder.ts';

vi.mock('../../../cli/aws/account.ts', () => ({ findAccount: vi.fn() }));
vi.mock('../../../cli/aws/cdk.ts', () => ({ runCdk: vi.fn() }));
vi.mock('../../../cli/aws/delete-bucket.ts', () => ({ bucketExists: vi.fn() }));
vi.mock('../../../cli/aws/find-stacks.ts', () => ({ isDeployed: vi.fn() }));

const ACCOUNT = '111122223333';
const BUCKET = `graft-models-${ACCOUNT}-eu-central-1`;

/** Deploys on a CDK that does what `cdk` says. @returns the arguments of each run of CDK */
async function deployOn(cdk: (args: readonly string[], onLine: (line: string) => void) => void, gpu = false) {
  vi.mocked(findAccount).mockResolvedValue({ account: ACCOUNT, arn: 'me', region: 'eu-central-1' });
  const runs: (readonly string[])[] = [];
  vi.mocked(runCdk).mockImplementation(async (args, _, onLine) => {
    runs.push(args);
    cdk(args, onLine);
  });
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await deploy({ name: 'graft', gpu }, createOutput({ json: true }))).toBe(0);
  return runs;
}

/** Deploys without GPU machines, where there is a stack or not, and buckets. */
function deployWith({ deployed, buckets }: { deployed: boolean; buckets: readonly string[] }) {
  vi.stubEnv('GRAFT_DATA_DIR', temporaryFolder());
  vi.mocked(isDeployed).mockResolvedValue(deployed);
  vi.mocked(bucketExists).mockImplementation(async (bucket) => buckets.includes(bucket));
  return deployOn((args) => {
    const outputs = args[args.indexOf('--outputs-file') + 1] ?? '';
    if (args.includes('--outputs-file'))
      writeFileSync(outputs, JSON.stringify({ graft: { ApiUrl: 'https://api.example.com/' } }));
  });
}

test.each([
  ['nothing', { deployed: false, buckets: [] }],
  ['a stack that has the buckets', { deployed: true, buckets: [BUCKET] }],
])('graft deploy runs CDK once where there is %s', async (_, there) => {
  const runs = await deployWith(there);
  expect(runs).toHaveLength(1);
  expect(runs[0]).not.toContain('graft:import=true');
  expect(runs[0]).toEqual(expect.arrayContaining([`graft:account=${ACCOUNT}`, 'graft:region=eu-central-1']));
});

test('graft deploy first imports buckets that no stack has, then gives them the rules of the deployment', async () => {
  const runs = await deployWith({ deployed: false, buckets: [BUCKET] });
  expect(runs.map((args) => args.includes('graft:import=true'))).toEqual([true, false]);
  for (const args of runs) expect(args).toContain('--import-existing-resources');
});

test('graft deploy saves the API of the main stack although the GPU stack failed, and fails with its error', async () => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder() };
  vi.stubEnv('GRAFT_DATA_DIR', environment.GRAFT_DATA_DIR);
  vi.mocked(isDeployed).mockResolvedValue(true);
  const failure = new RuntimeError('CDK_FAILED', {});
  const deployed = deployOn((_, onLine) => {
    for (const line of ['✅  Graft', 'Outputs:', 'Graft.ApiUrl = https://api.example.com/', 'Graft.MaxExtractions = 5'])
      onLine(line);
    throw failure;
  }, true);
  await expect(deployed).rejects.toBe(failure);
  expect(await readDeployment(environment)).toEqual({
    api: 'https://api.example.com',
    region: 'eu-central-1',
    account: ACCOUNT,
    stack: 'graft',
  });
});

test('graft deploy saves nothing if the main stack failed', async () => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder() };
  vi.stubEnv('GRAFT_DATA_DIR', environment.GRAFT_DATA_DIR);
  vi.mocked(isDeployed).mockResolvedValue(true);
  const failure = new RuntimeError('CDK_FAILED', {});
  await expect(
    deployOn(() => {
      throw failure;
    }, true),
  ).rejects.toBe(failure);
  expect(await readDeployment(environment)).toBeUndefined();
});
