import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check } from '../../cli/aws/checks.ts';
import { uploadSource } from '../../cli/commands/upload.ts';
import { type Context, openContext } from '../../cli/context.ts';
import { bootstrap } from '../support/cdk.ts';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';
import { type Ministack, startMinistack } from '../support/ministack.ts';
import { silent } from '../support/silent.ts';

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
const BUCKETS = ['graft-data-000000000000-us-east-1', 'graft-models-000000000000-us-east-1'];

let cloud: Ministack;
let environment: Record<string, string>;
let before: { healthy: boolean; checks: Check[] };
let deployed: { api: string; region: string; stack: string };
let context: Context;

beforeAll(async () => {
  const folder = scratchFolder({ until: 'file' });
  cloud = await startMinistack(folder);
  environment = { ...cloud.environment, GRAFT_DATA_DIR: join(folder, 'graft'), GRAFT_API: '', CI: 'true' };
  Object.assign(process.env, environment);
  before = await graftJson(['doctor'], environment);
  await bootstrap({ environment, folder });
  deployed = await graftJson(['deploy', '--no-gpu'], environment);
  context = await openContext(process.env, { remote: true });
});
afterAll(async () => {
  await context?.close();
  await cloud?.stop();
});

describe('graft deploy', () => {
  test('is told by graft doctor what is missing, and how to mend it', () => {
    expect(before.healthy).toBe(false);
    expect(find(before.checks, 'credentials').verdict).toBe('ok');
    expect(find(before.checks, 'bootstrap')).toMatchObject({
      verdict: 'fail',
      fix: 'npx cdk bootstrap aws://000000000000/us-east-1',
    });
    expect(find(before.checks, 'api')).toMatchObject({ verdict: 'warn', found: 'nothing was deployed from here' });
  });

  test('leaves a note of what it made, by which the command finds the API', async () => {
    expect(deployed).toMatchObject({ stack: 'graft', region: 'us-east-1', api: expect.stringContaining('.execute-api.') });
    expect(await graftJson(['jobs', '--remote'], environment)).toMatchObject({ jobs: [] });
    const { checks } = await graftJson(['doctor'], environment);
    for (const name of ['credentials', 'region', 'bootstrap', 'stack', 'api']) {
      expect(find(checks, name), name).toMatchObject({ verdict: 'ok' });
    }
  });
});

describe('the deployed app, each of its functions held to its own policy', () => {
  test('answers from Node 22, and only to who signs', async () => {
    expect((await context.client.health()).node).toMatch(/^v?22\./);
    const [id] = new URL(deployed.api).host.split('.');
    const unsigned = await fetch(`${cloud.endpoint}/_aws/execute-api/${id}/$default/v1/health`);
    expect(unsigned.status).toBe(403);
  });

  test('takes images, trains in the training function, and serves the model', async () => {
    const { client } = context;
    const report = await uploadSource(trashPhotographs, { name: 'trash', maxRefused: 0.05 }, context, silent);
    expect(report).toMatchObject({ accepted: 60, refused: [] });

    const submitted = await client.jobs.submit(
      {
        name: 'trash',
        dataset: report.dataset,
        backbone: { name: 'efficientnet_lite0', inputSize: 64 },
        strategy: 'feature-extraction',
        training: { epochs: 3 },
        compute: { target: 'lambda' },
      },
      'once',
    );
    const job = await ended(submitted.id);
    expect(job, JSON.stringify(job.error)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });

    const [name = ''] = await readdir(join(trashPhotographs, 'metal'));
    const image = await readFile(join(trashPhotographs, 'metal', name));
    const answer = await client.models.predict('trash', [{ name: 'metal', bytes: image }], { topK: 6 });
    const sum = answer.predictions[0]!.labels.reduce((total, { probability }) => total + probability, 0);
    expect(answer).toMatchObject({ model: 'trash', version: 1 });
    expect(sum).toBeCloseTo(1, 5);
  });

  test('gives a request that does not fit back as problem+json', async () => {
    await expect(context.client.jobs.get('job-000000000-0000000000')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    // One with a key, whose answer was to be kept: that it failed is told, and not that its key could not be forgotten.
    const nobodys = context.client.datasets.complete('upload-000000000-0000000000', { parts: 1, files: 1 });
    await expect(nobodys).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });
});

describe('graft destroy', () => {
  test('refuses in another region than the one that was deployed to', async () => {
    const { error } = await graftJson(['destroy'], { ...environment, AWS_REGION: 'eu-west-1' });
    expect(error).toMatchObject({ code: 'DEPLOYED_ELSEWHERE', fix: expect.stringContaining('AWS_REGION=us-east-1') });
  });

  test('removes all but the buckets, and says that they are there and what deletes them', async () => {
    const { stdout, status } = await graft(['destroy'], environment);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/graft (?:-- )?destroy --delete-data/) });
    for (const bucket of BUCKETS) expect(stdout).toContain(bucket);
    expect(await left()).toEqual({ stacks: ['CDKToolkit'], functions: [], queues: [], secrets: [], buckets: BUCKETS });
    expect(await graftJson(['jobs', '--remote'], environment)).toMatchObject({ error: { code: 'NOTHING_DEPLOYED' } });
  });

  test('with --delete-data leaves nothing behind, also after the stack is gone', async () => {
    expect(await graftJson(['destroy', '--delete-data'], environment)).toMatchObject({ kept: [], deleted: BUCKETS });
    expect((await left()).buckets).toEqual([]);
    expect((await graft(['destroy'], environment)).stdout).toContain('nothing of graft');
  });
});

function find(checks: readonly Check[], wanted: string): Check {
  return checks.find(({ name }) => name === wanted) ?? expect.fail(`no check of ${wanted}`);
}

/** The job once it has ended; the test's own time limit ends a wait for one that does not. */
async function ended(id: string) {
  for (;;) {
    const job = await context.client.jobs.get(id);
    if (ENDED.includes(job.state)) return job;
    await wait(500);
  }
}

/** What there is in the account, without the bucket of CDK. */
async function left() {
  const [formation, functions, queues, secrets] = [
    new CloudFormationClient(),
    new LambdaClient(),
    new SQSClient(),
    new SecretsManagerClient(),
  ];
  const s3 = new S3Client({ forcePathStyle: true });
  const { StackSummaries = [] } = await formation.send(new ListStacksCommand());
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  const found = {
    stacks: StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map(({ StackName }) => StackName),
    functions: ((await functions.send(new ListFunctionsCommand())).Functions ?? []).map(({ FunctionName }) => FunctionName),
    queues: (await queues.send(new ListQueuesCommand())).QueueUrls ?? [],
    secrets: ((await secrets.send(new ListSecretsCommand())).SecretList ?? []).map(({ Name }) => Name),
    buckets: Buckets.flatMap(({ Name = '' }) => (Name.startsWith('cdk-') ? [] : [Name])).sort(),
  };
  for (const client of [formation, functions, queues, secrets, s3]) client.destroy();
  return found;
}
