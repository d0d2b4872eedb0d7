import { writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { findAccount } from '../../../cli/aws/account.ts';
import { runCdk } from '../../../cli/aws/cdk.ts';
import { bucketExists } from '../../../cli/aws/delete-bucket.ts';
import { isDeployed } from '../../../cli/aws/find-stacks.ts';
import { deploy } from '../../../cli/commands/deploy.ts';
import { readDeployment } from '../../../cli/deployment.ts';
import { createOutput } from '../../../cli/output.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { documentedMembers } from '../../support/docs/documented-members.ts';
import { temporaryFolder } from '../../support/folder.ts';

vi.mock('../../../cli/aws/account.ts', () => ({ findAccount: vi.fn() }));
vi.mock('../../../cli/aws/cdk.ts', () => ({ runCdk: vi.fn() }));
vi.mock('../../../cli/aws/delete-bucket.ts', () => ({ bucketExists: vi.fn() }));
vi.mock('../../../cli/aws/gpu-quota.ts', () => ({ gpuWarning: vi.fn() }));
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

/** What there is before the deployment. */
interface There {
  /** Undefined if AWS does not say. */
  readonly deployed: boolean | undefined;
  readonly buckets: readonly string[];
}

/** Deploys where there is a stack or not, and buckets. */
function deployWith({ deployed, buckets }: There, gpu = false) {
  vi.stubEnv('GRAFT_DATA_DIR', temporaryFolder());
  vi.mocked(isDeployed).mockResolvedValue(deployed);
  vi.mocked(bucketExists).mockImplementation(async (bucket) => buckets.includes(bucket));
  return deployOn((args) => {
    const outputs = args[args.indexOf('--outputs-file') + 1] ?? '';
    if (args.includes('--outputs-file'))
      writeFileSync(outputs, JSON.stringify({ graft: { ApiUrl: 'https://api.example.com/' } }));
  }, gpu);
}

/** What `graft deploy` says on stderr from now on. */
function spokenText(): () => string {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  written.mockClear();
  return () => written.mock.calls.map(([text]) => String(text)).join('');
}

/** What CDK prints of the main stack once it is deployed. */
const MAIN = ['✅  Graft (graft)', 'Outputs:', 'Graft.ApiUrl = https://api.example.com/', 'Graft.MaxExtractions = 5'];

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

test('the functions of the first run know the GPU machines, which unfinished jobs in the buckets may need', async () => {
  const runs = await deployWith({ deployed: false, buckets: [BUCKET] }, true);
  expect(runs.map((args) => [args.includes('gpu=false'), args.includes('GraftGpu')])).toEqual([
    [false, false],
    [false, true],
  ]);
});

test('graft deploy says so where AWS does not tell whether buckets belong to a stack, and runs CDK once', async () => {
  const spoken = spokenText();
  expect(await deployWith({ deployed: undefined, buckets: [BUCKET] })).toHaveLength(1);
  expect(spoken()).toContain('cloudformation:DescribeStacks');
  const silent = spokenText();
  await deployWith({ deployed: undefined, buckets: [] });
  expect(silent()).not.toContain('cloudformation:DescribeStacks');
});

test('graft deploy prints the members that docs/command.md names, and no other', async () => {
  await deployWith({ deployed: false, buckets: [] });
  const [printed] = vi.mocked(process.stdout.write).mock.calls.at(-1) ?? [];
  expect(Object.keys(JSON.parse(String(printed))).sort()).toEqual(documentedMembers('deploy'));
});

describe('graft deploy fails with the error of CDK', () => {
  const failure = new RuntimeError('CDK_FAILED', {});
  /** A deployment whose last run of CDK prints `printed` and fails. @returns what it says, and what it saved */
  async function failWith({ printed, imports = false, gpu = true, ...machines }: Failing) {
    const environment = { GRAFT_DATA_DIR: temporaryFolder() };
    vi.stubEnv('GRAFT_DATA_DIR', environment.GRAFT_DATA_DIR);
    const hadMachines = 'hadMachines' in machines ? machines.hadMachines : false;
    vi.mocked(isDeployed).mockImplementation(async (name) => (name === 'graft-gpu' ? hadMachines : !imports));
    vi.mocked(bucketExists).mockResolvedValue(true);
    const spoken = spokenText();
    const deployed = deployOn((args, onLine) => {
      const first = args.includes('graft:import=true');
      for (const line of first ? MAIN : printed) onLine(line);
      if (!first) throw failure;
    }, gpu);
    await expect(deployed).rejects.toBe(failure);
    return { spoken: spoken(), saved: await readDeployment(environment) };
  }
  interface Failing {
    readonly printed: readonly string[];
    readonly imports?: boolean;
    readonly gpu?: boolean;
    readonly hadMachines?: boolean | undefined;
  }

  test.each<[string, Failing, string]>([
    ['its GPU stack, which is new', { printed: MAIN }, 'com, but its GPU machines are not deployed: jobs that need them wait'],
    ['the update of its GPU stack', { printed: MAIN, hadMachines: true }, 'com, but its GPU machines are not updated: those of'],
    ['something after both stacks', { printed: [...MAIN, '✅  GraftGpu (graft-gpu)'] }, 'com.\n'],
    ['something after the only stack', { printed: MAIN, gpu: false }, 'com.\n'],
    ['the image, after a first run for buckets', { printed: [], imports: true }, 'rules yet: repeat the command.'],
    ['the GPU stack, after such a run', { printed: MAIN, imports: true }, 'com, but its GPU machines are not deployed: jobs'],
  ])('but saves the API of the main stack, if this fails: %s', async (_, failing, text) => {
    const { spoken, saved } = await failWith(failing);
    expect(spoken).toContain('Graft is at https://api.example.com');
    expect(spoken).toContain(text);
    expect(saved).toEqual({ api: 'https://api.example.com', region: 'eu-central-1', account: ACCOUNT, stack: 'graft' });
  });

  test('and says what it does not know of the GPU stack', async () => {
    const { spoken } = await failWith({ printed: MAIN, hadMachines: undefined });
    expect(spoken).toContain('not deployed, or not updated: if there are none yet, jobs that need them wait');
  });

  test('and saves nothing if the main stack failed', async () => {
    const { spoken, saved } = await failWith({ printed: [] });
    expect(spoken).not.toContain('Graft is at');
    expect(saved).toBeUndefined();
  });
});
