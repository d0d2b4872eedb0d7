import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Check } from '../../cli/aws/checks.ts';
import { endpointFetch } from '../../cli/aws/endpoint-fetch.ts';
import { type Context, openContext } from '../../cli/context.ts';
import { routes } from '../../functions/api/routes.ts';
import { openS3Store } from '../../lib/aws/s3-store.ts';
import { signWithAws } from '../../lib/client/sign-with-aws.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { bootstrap } from '../support/aws/cdk.ts';
import { type Ministack, startMinistack } from '../support/aws/ministack.ts';
import { callEveryRoute } from '../support/every-route/call-every-route.ts';
import { nameOf, waysOf } from '../support/every-route/documented-ways.ts';
import { recordCalls } from '../support/every-route/recording-transport.ts';
import { graft, graftAtTerminal, graftJson, scratchFolder } from '../support/graft.ts';

/** A bucket of the user's own, that the deployment may read. */
const SOURCE = 'photographs';
const BUCKETS = ['graft-data-000000000000-us-east-1', 'graft-models-000000000000-us-east-1'];

let cloud: Ministack;
let environment: Record<string, string>;
let folder: string;
let before: { healthy: boolean; checks: Check[] };
let deployed: { api: string; region: string; stack: string };
let context: Context;

beforeAll(async () => {
  folder = scratchFolder({ until: 'file' });
  cloud = await startMinistack(folder);
  environment = { ...cloud.environment, GRAFT_DATA_DIR: join(folder, 'graft'), GRAFT_API: '', CI: 'true' };
  Object.assign(process.env, environment);
  before = await graftJson(['doctor'], environment);
  await bootstrap({ environment, folder });
  deployed = await graftJson(['deploy', '--no-gpu', '--set', `sourceBuckets=${SOURCE}`], environment);
  context = await openContext(process.env, { remote: true });
});
afterAll(async () => {
  await context?.close();
  await cloud?.stop();
});

describe('graft deploy', () => {
  test('learns from graft doctor what is missing, and how to fix it', () => {
    expect(before.healthy).toBe(false);
    expect(find(before.checks, 'credentials').verdict).toBe('ok');
    expect(find(before.checks, 'bootstrap')).toMatchObject({
      verdict: 'fail',
      fix: 'npx cdk bootstrap aws://000000000000/us-east-1',
    });
    expect(find(before.checks, 'api')).toMatchObject({ verdict: 'warn', found: 'nothing was deployed from this folder' });
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

  test('gives a request that does not fit back as problem+json', async () => {
    await expect(context.client.jobs.get('job-000000000-0000000000')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    // One with a key, whose answer was to be kept: that it failed is told, and not that its key could not be forgotten.
    const nobodys = context.client.datasets.complete('upload-000000000-0000000000', { parts: 1, files: 1 });
    await expect(nobodys).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });
});

describe('every route of the API', () => {
  let answered: ReadonlySet<string>;

  test('answers a caller in each way that its contract knows, and what it begins succeeds', async () => {
    const [data = '', models = ''] = BUCKETS;
    const client = new S3Client({ forcePathStyle: true });
    onTestFinished(() => client.destroy());
    await client.send(new CreateBucketCommand({ Bucket: SOURCE }));
    const calls = recordCalls(
      routes,
      httpTransport(deployed.api, {
        signer: signWithAws(async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }), deployed.region),
        fetcher: endpointFetch(deployed.api, cloud.endpoint),
        // A server's error is what this looks for.
        retry: { attempts: 1 },
      }),
    );
    answered = calls.answered;
    await callEveryRoute({
      send: calls.send,
      store: openS3Store({ client, buckets: { data, models } }),
      ownBucket: data,
      sourceBucket: SOURCE,
      async putSource(key, body) {
        await client.send(new PutObjectCommand({ Bucket: SOURCE, Key: key, Body: body }));
      },
    });
  });

  test.each(routes.flatMap((route) => waysOf(route).map((way) => `${nameOf(route)}: ${way.name}`)))('%s', (way) => {
    expect(answered.has(way)).toBe(true);
  });

  test('no function was denied anything, those behind the queues included', async () => {
    expect((await readFile(join(folder, 'ministack.log'), 'utf8')).match(/.*(?:AccessDenied|ACCESS_DENIED).*/g)).toBeNull();
  });
});

describe('graft destroy', () => {
  let models: unknown;

  test('refuses in another region than the one that was deployed to', async () => {
    const { error } = await graftJson(['destroy'], { ...environment, AWS_REGION: 'eu-west-1' });
    expect(error).toMatchObject({ code: 'DEPLOYMENT_REGION_MISMATCH', fix: expect.stringContaining('AWS_REGION=us-east-1') });
  });

  test('removes all but the buckets, and says that they are there and what deletes them', async () => {
    models = await graftJson(['models', '--remote'], environment);
    const { stdout, status } = await graft(['destroy'], environment);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/graft (?:-- )?destroy --delete-data/) });
    for (const bucket of BUCKETS) expect(stdout).toContain(bucket);
    expect(await left()).toEqual({
      stacks: ['CDKToolkit'],
      functions: [],
      queues: [],
      secrets: [],
      buckets: [...BUCKETS, SOURCE],
    });
    expect(await graftJson(['jobs', '--remote'], environment)).toMatchObject({ error: { code: 'NOTHING_DEPLOYED' } });
  });

  test('leaves buckets that graft deploy takes up again, with their models, and with rules of its own', async () => {
    const [Bucket = ''] = BUCKETS;
    const client = new S3Client({ forcePathStyle: true });
    onTestFinished(() => client.destroy());
    const former = { AllowedMethods: ['PUT'], AllowedOrigins: ['https://former.example'] };
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [former] } }));
    await graftJson(['deploy', '--no-gpu', '--set', 'origins=https://labels.example'], environment);
    expect(await graftJson(['models', '--remote'], environment)).toEqual(models);
    const { CORSRules = [] } = await client.send(new GetBucketCorsCommand({ Bucket }));
    expect(CORSRules.flatMap(({ AllowedOrigins = [] }) => AllowedOrigins)).toEqual(['https://labels.example']);
    await graftJson(['destroy'], environment);
    expect((await left()).buckets).toEqual([...BUCKETS, SOURCE]);
  });

  test('with --delete-data deletes nothing before the name was typed, or --yes given', async () => {
    expect(await graftJson(['destroy', '--delete-data'], environment)).toMatchObject({ error: { code: 'CONFIRMATION_MISSING' } });
    const { status, shown } = await graftAtTerminal(['destroy', '--delete-data'], 'grft\r', environment);
    expect(status).toBe(2);
    for (const bucket of BUCKETS) expect(shown).toContain(bucket);
    expect((await left()).buckets).toEqual([...BUCKETS, SOURCE]);
  });

  test('with --delete-data leaves nothing of its own behind, also after the stack is gone', async () => {
    const { status, shown } = await graftAtTerminal(['destroy', '--delete-data'], 'graft\r', environment);
    expect({ status, shown }).toMatchObject({ status: 0, shown: expect.stringContaining('graft is gone, and its data with it') });
    expect(await graftJson(['destroy', '--delete-data', '--yes'], environment)).toMatchObject({ kept: [], deleted: [] });
    expect((await left()).buckets).toEqual([SOURCE]);
    expect((await graft(['destroy'], environment)).stdout).toContain('There is no deployment graft');
  });
});

function find(checks: readonly Check[], wanted: string): Check {
  return checks.find(({ name }) => name === wanted) ?? expect.fail(`no check of ${wanted}`);
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
