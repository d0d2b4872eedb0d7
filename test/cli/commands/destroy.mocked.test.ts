import { beforeEach, expect, test, vi } from 'vitest';
import { findAccount } from '../../../cli/aws/account.ts';
import { runCdk } from '../../../cli/aws/cdk.ts';
import { bucketExists } from '../../../cli/aws/delete-bucket.ts';
import { findStacks } from '../../../cli/aws/find-stacks.ts';
import { destroy } from '../../../cli/commands/destroy.ts';
import { readDeployment, writeDeployment } from '../../../cli/deployment.ts';
import { createOutput } from '../../../cli/output.ts';
import { temporaryFolder } from '../../support/folder.ts';

vi.mock('../../../cli/aws/account.ts', () => ({ findAccount: vi.fn() }));
vi.mock('../../../cli/aws/cdk.ts', () => ({ runCdk: vi.fn() }));
vi.mock('../../../cli/aws/delete-bucket.ts', () => ({ bucketExists: vi.fn(), deleteBucket: vi.fn() }));
vi.mock('../../../cli/aws/find-stacks.ts', () => ({ findStacks: vi.fn(), isDeployed: vi.fn() }));

const account = '111122223333';
const deployment = { api: 'https://api.example.com', region: 'eu-central-1', stack: 'graft' };

beforeEach(() => {
  vi.stubEnv('GRAFT_DATA_DIR', temporaryFolder());
  vi.mocked(runCdk).mockReset();
  vi.mocked(findAccount).mockResolvedValue({ account, arn: 'me', region: 'eu-central-1' });
  vi.mocked(bucketExists).mockResolvedValue(false);
  vi.mocked(findStacks).mockResolvedValue(['graft']);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

test.each([
  ['DEPLOYMENT_ACCOUNT_MISMATCH', { account: '444455556666' }, 'AWS_PROFILE'],
  ['DEPLOYMENT_REGION_MISMATCH', { account, region: 'us-east-1' }, 'AWS_REGION=us-east-1'],
])('graft destroy refuses with %s where the deployment has %j, and removes nothing', async (code, there, fix) => {
  await writeDeployment({ ...deployment, ...there }, process.env);
  const removed = destroy({ name: 'graft' }, createOutput({ json: true }));
  await expect(removed).rejects.toMatchObject({ code, fix: expect.stringContaining(fix) });
  expect(runCdk).not.toHaveBeenCalled();
  expect(await readDeployment(process.env)).toMatchObject(there);
});

test.each([
  ['the account of the credentials', { account }],
  ['no account, because an earlier version of Graft deployed', {}],
  ['another name', { account: '444455556666', stack: 'shop' }],
])('graft destroy removes the stacks where the deployment has %s', async (_, there) => {
  await writeDeployment({ ...deployment, ...there }, process.env);
  expect(await destroy({ name: 'graft' }, createOutput({ json: true }))).toBe(0);
  expect(runCdk).toHaveBeenCalledOnce();
});
