import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { BatchClient } from '@aws-sdk/client-batch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openAwsCompute } from '../../../lib/aws/aws-compute.ts';
import { attemptOfBatchJob, batchJobName, openBatchCompute } from '../../../lib/aws/batch-compute.ts';
import { openLambdaCompute } from '../../../lib/aws/lambda-compute.ts';
import {
  type Computes,
  functionMemoryOf,
  gpuInstancesOf,
  maxFunctionsOf,
  maxMachinesOf,
  targetedCompute,
} from '../../../lib/aws/targeted-compute.ts';
import { startFakeBatch } from '../../support/aws/fake-batch.ts';
import { recordingCompute } from '../../support/world.ts';

const id = 'job-zzk2m4q1x-8w3f0c9d1a';
const settings = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };

describe('AWS Batch', () => {
  test('starts an attempt under its name, within its time', async () => {
    const { batch, compute } = await batchCompute(90.5);
    expect(await compute.start({ job: id, attempt: 2 })).toBe('batch-1');
    expect(batch.submitted).toEqual([
      {
        jobName: `${id}-2`,
        jobQueue: 'queue',
        jobDefinition: 'definition',
        containerOverrides: { command: [id, '2'] },
        timeout: { attemptDurationSeconds: 91 },
      },
    ]);
  });

  test.each([
    ['less than AWS Batch takes', 5, { attemptDurationSeconds: 60 }],
    ['no limit', undefined, undefined],
  ])('takes %s', async (_, seconds, timeout) => {
    const { batch, compute } = await batchCompute(seconds);
    await compute.start({ job: id, attempt: 1 });
    expect(batch.submitted[0]?.timeout).toEqual(timeout);
  });

  test.each([
    ['SUBMITTED', 'waiting'],
    ['PENDING', 'waiting'],
    ['RUNNABLE', 'waiting'],
    ['STARTING', 'waiting'],
    ['RUNNING', 'alive'],
    ['SUCCEEDED', 'ended'],
    ['FAILED', 'ended'],
  ] as const)('says of a job that is %s that it is %s', async (status, state) => {
    const { batch, compute } = await batchCompute();
    const handle = await compute.start({ job: id, attempt: 1 });
    batch.states.set(handle, status);
    expect(await compute.state(handle)).toBe(state);
  });

  const noCapacity = 'Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';
  test.each([
    ['got no machine', { statusReason: noCapacity }, 'unstarted'],
    ['got no machine after its array', { statusReason: noCapacity, dependsOn: [{ jobId: 'a' }] }, 'unstarted'],
    ['has no reason to have failed', {}, 'unstarted'],
    ['has started', { statusReason: 'Host EC2 (instance i-1) terminated.', startedAt: 1_767_225_600_000 }, 'ended'],
    ['is too large for each machine', { statusReason: noCapacity.replace(/CAPACITY:.*/, 'MISCONFIGURATION:X') }, 'ended'],
    ['got no container', { container: { reason: 'CannotPullContainerError: not found' } }, 'ended'],
    ['depends on an array that failed', { statusReason: 'Dependent Job failed', dependsOn: [{ jobId: 'a' }] }, 'ended'],
  ] as const)('says of a failed job that %s that it is %s', async (_, detail, state) => {
    const { batch, compute } = await batchCompute();
    const handle = await compute.start({ job: id, attempt: 1 });
    batch.states.set(handle, 'FAILED');
    batch.details.set(handle, detail);
    expect(await compute.state(handle)).toBe(state);
  });

  test('begins with an array job where several machines extract features, and trains once all of it has succeeded', async () => {
    const { batch, compute } = await batchCompute(undefined, 3);
    const handle = await compute.start({ job: id, attempt: 1 });
    expect(handle).toBe('batch-2+batch-1');
    const common = { jobQueue: 'queue', jobDefinition: 'definition' };
    expect(batch.submitted).toEqual([
      {
        ...common,
        jobName: `${id}-1-features`,
        arrayProperties: { size: 3 },
        retryStrategy: { attempts: 3 },
        containerOverrides: { command: ['part', id, '1', '3'] },
      },
      { ...common, jobName: `${id}-1`, dependsOn: [{ jobId: 'batch-1' }], containerOverrides: { command: [id, '1'] } },
    ]);
    expect(attemptOfBatchJob(`${id}-1-features`), 'the end of a part is not that of the attempt').toBeUndefined();
    batch.states.set('batch-1', 'RUNNING').set('batch-2', 'PENDING');
    expect(await compute.state(handle)).toBe('waiting');
    batch.states.set('batch-1', 'FAILED').set('batch-2', 'FAILED');
    expect(await compute.state(handle)).toBe('ended');
    await compute.stop(handle);
    expect(batch.terminated).toEqual(['batch-2', 'batch-1']);
  });

  test('leaves no array job behind when the training that waits for it is refused', async () => {
    const { batch, compute } = await batchCompute(undefined, 2);
    batch.refusesAfter = 1;
    await expect(compute.start({ job: id, attempt: 1 })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(batch.submitted.map(({ jobName }) => jobName)).toEqual([`${id}-1-features`]);
    expect(batch.terminated).toEqual(['batch-1']);
  });

  test('says why the training was refused, also if its array job cannot be ended', async () => {
    const { batch, compute } = await batchCompute(undefined, 2);
    batch.refusesAfter = 1;
    batch.refusesToTerminate = true;
    await expect(compute.start({ job: id, attempt: 1 })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('does not know of a job that is long gone', async () => {
    const { compute } = await batchCompute();
    expect(await compute.state('batch-7')).toBe('unknown');
  });

  test('stops a job', async () => {
    const { batch, compute } = await batchCompute();
    await compute.stop(await compute.start({ job: id, attempt: 1 }));
    expect(batch.terminated).toEqual(['batch-1']);
  });

  test('a refusal is told with its reason', async () => {
    const { batch, compute } = await batchCompute();
    batch.refuses = { status: 400, type: 'ClientException', message: 'JobQueue queue not found' };
    await expect(compute.start({ job: id, attempt: 1 })).rejects.toMatchObject({
      code: 'COMPUTE_MISSING',
      at: id,
      retryable: true,
    });
  });

  test('a job is known by its name, and no other is taken for one', () => {
    expect(attemptOfBatchJob(batchJobName({ job: id, attempt: 12 }))).toEqual({ job: id, attempt: 12 });
    for (const name of ['', id, `${id}-0`, `${id}-x`, `other-${id}-1`]) expect(attemptOfBatchJob(name)).toBeUndefined();
  });
});

test('the training Lambda is called with the attempt, and nobody waits for it', async () => {
  const calls: unknown[] = [];
  const server = createServer(async (request, response) => {
    calls.push([request.url, request.headers['x-amz-invocation-type'], await json(request)]);
    response.writeHead(202, { 'x-amzn-requestid': 'request-1' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new LambdaClient({ ...settings, endpoint });
  onTestFinished(() => client.destroy());
  const compute = openLambdaCompute({ client, functionName: 'train', most: 5 });
  expect(await compute.start({ job: id, attempt: 1 })).toBe('request-1');
  expect(calls).toEqual([['/2015-03-31/functions/train/invocations', 'Event', { job: id, attempt: 1 }]]);
  expect(await compute.state('request-1')).toBe('unknown');
});

test.each(['lambda', 'gpu'] as const)(
  'a start of %s whose answer is lost is not repeated: it may have started',
  async (target) => {
    let requests = 0;
    const server = createServer((request) => {
      requests++;
      request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const environment = {
      GRAFT_TRAINING_FUNCTION: 'train',
      GRAFT_BATCH_QUEUE: 'queue',
      GRAFT_BATCH_JOB_DEFINITION: 'definition',
    };
    const compute = openAwsCompute(environment, { needsOf: async () => ({ target }), mostInLambda: () => 5 });
    await expect(compute.start({ job: id, attempt: 1 })).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE', retryable: true });
    expect(requests).toBe(1);
  },
);

describe('of several computes', () => {
  test('the one that a job belongs on starts it, and is found again by the handle', async () => {
    const [lambda, gpu] = [recordingCompute(), recordingCompute()];
    const compute = targetedCompute({ lambda, gpu }, async ({ attempt }) => (attempt === 1 ? 'lambda' : 'gpu'));
    const handles = [await compute.start({ job: id, attempt: 1 }), await compute.start({ job: id, attempt: 2 })];
    expect(handles).toEqual([`lambda:${id}/1`, `gpu:${id}/2`]);
    for (const handle of handles) await compute.stop(handle);
    expect([lambda.stopped, gpu.stopped]).toEqual([[`${id}/1`], [`${id}/2`]]);
    gpu.ended.add(`${id}/2`);
    expect(await Promise.all(handles.map((handle) => compute.state(handle)))).toEqual(['unknown', 'ended']);
  });

  test('functions that extract have handles of their own', async () => {
    const [gpu, functions] = [recordingCompute(), recordingCompute()];
    const compute = targetedCompute({ gpu, functions }, async () => 'functions');
    const handle = await compute.start({ job: id, attempt: 1 });
    expect(handle).toBe(`functions:${id}/1`);
    functions.ended.add(`${id}/1`);
    expect(await compute.state(handle)).toBe('ended');
    expect(gpu.started).toEqual([]);
  });

  test('messages that may be lost are sent again where there are any', async () => {
    const resent: string[] = [];
    const functions = { ...recordingCompute(), resend: async (handle: string) => resent.push(handle) > 0 };
    const compute = targetedCompute({ gpu: recordingCompute(), functions }, async () => 'functions');
    const now = new Date(0);
    const sent = await Promise.all(['functions:one', 'gpu:two', 'lambda:three'].map((handle) => compute.resend?.(handle, now)));
    expect({ sent, resent }).toEqual({ sent: [true, false, false], resent: ['one'] });
  });

  test('one that was not deployed is missed by name', async () => {
    const computes: Computes = { lambda: recordingCompute() };
    const compute = targetedCompute(computes, async () => 'gpu');
    await expect(compute.start({ job: id, attempt: 1 })).rejects.toMatchObject({ code: 'COMPUTE_MISSING', at: 'gpu' });
  });

  test('attempts of one that is no longer deployed are neither stopped nor known, and do not start again', async () => {
    const lambda = recordingCompute();
    const compute = targetedCompute({ lambda }, async () => 'gpu');
    await compute.stop('gpu:batch-1');
    expect(lambda.stopped).toEqual([]);
    expect(await compute.state('gpu:batch-1')).toBe('unknown');
    await expect(compute.start({ job: id, attempt: 2 })).rejects.toMatchObject({ code: 'COMPUTE_MISSING', retryable: false });
  });
});

test.each([
  [{ GRAFT_BATCH_QUEUE: 'graft-gpu', GRAFT_GPU_MACHINES: '4' }, 4],
  [{ GRAFT_BATCH_QUEUE: 'graft-gpu' }, undefined],
  [{ GRAFT_BATCH_QUEUE: 'graft-gpu', GRAFT_GPU_MACHINES: '' }, undefined],
  [{ GRAFT_GPU_MACHINES: '4' }, undefined],
])('of %j, the most GPU machines at once are %s', (environment, most) => {
  expect(maxMachinesOf(environment)).toBe(most);
});

test.each([
  [{ GRAFT_EXTRACTION_QUEUE_URL: 'https://queue', GRAFT_EXTRACTION_FUNCTIONS: '5' }, 5],
  [{ GRAFT_EXTRACTION_QUEUE_URL: 'https://queue', GRAFT_EXTRACTION_FUNCTIONS: 'many' }, undefined],
  [{ GRAFT_EXTRACTION_FUNCTIONS: '5' }, undefined],
])('of %j, the most functions that extract at once are %s', (environment, most) => {
  expect(maxFunctionsOf(environment)).toBe(most);
});

test.each([
  [{ GRAFT_TRAINING_MEMORY: '3008' }, 3008],
  [{ GRAFT_TRAINING_MEMORY: '' }, undefined],
  [{}, undefined],
])('of %j, the training function has %s MiB', (environment, mebibytes) => {
  expect(functionMemoryOf(environment)).toBe(mebibytes);
});

test.each([
  [{ GRAFT_BATCH_QUEUE: 'graft-gpu', GRAFT_GPU_INSTANCES: 'g6.xlarge,g5.xlarge' }, ['g6.xlarge', 'g5.xlarge']],
  [{ GRAFT_BATCH_QUEUE: 'graft-gpu' }, undefined],
  [{ GRAFT_GPU_INSTANCES: 'g5.xlarge' }, undefined],
])('of %j, the types of GPU machines are %j', (environment, types) => {
  expect(gpuInstancesOf(environment)).toEqual(types);
});

async function batchCompute(seconds?: number, size?: number) {
  const batch = await startFakeBatch();
  const client = new BatchClient({ ...settings, endpoint: batch.endpoint });
  onTestFinished(async () => {
    client.destroy();
    await batch.close();
  });
  const needsOf = async () => ({ timeoutSeconds: seconds, machines: size });
  return {
    batch,
    compute: openBatchCompute({ client, starter: client, jobQueue: 'queue', jobDefinition: 'definition', needsOf }),
  };
}
