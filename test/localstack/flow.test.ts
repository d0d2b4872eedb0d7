import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { retry } from '../../cli/commands/jobs.ts';
import { readDeadLetterSettings } from '../../lib/aws/sqs-dead-letters.ts';
import type { UploadRecord } from '../../lib/contracts/dataset.ts';
import type { AnyJob } from '../../lib/contracts/job.ts';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { changeJob, jobDocument } from '../../lib/jobs/job-store.ts';
import { claimed } from '../../lib/jobs/life-cycle.ts';
import { type Deployment, deploy } from '../support/aws/aws-deployment.ts';
import { alarmOf, evaluate, metricOf } from '../support/aws/cloud-watch.ts';
import { batchEvent, clockEvent, deliverOne, invoke, lambdaContext } from '../support/aws/lambda-events.ts';
import { trashPhotographs } from '../support/graft.ts';
import { silent } from '../support/silent.ts';

const PATIENTLY = { timeout: 60_000, interval: 500 };

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});

const spec: JobSpecInput = {
  name: 'trash',
  dataset: 'trash',
  backbone: { inputSize: 96 },
  training: { epochs: 3 },
  compute: { target: 'gpu', maxMinutes: 30 },
};

describe('from photographs to a prediction', () => {
  test('uploads by signed requests to S3, and imports by a message of SQS', async () => {
    const { client, queues, sqs, functions } = deployment;
    const upload = await uploadPhotographs('trash');
    expect(upload.state).toBe('IMPORTING');
    expect(await deliverOne(sqs, queues.imports.url, functions.import)).toMatchObject({ taken: true });
    const { state, report } = await client.datasets.getUpload(upload.id);
    expect(state).toBe('READY');
    expect(report?.classes.map(({ label }) => label)).toEqual(await readdir(trashPhotographs));
  });

  test('trains in a process that AWS Batch starts, and leaves the model in its bucket', async () => {
    const { client, queues, sqs, functions, batch, world } = deployment;
    const { id } = await client.jobs.submit(spec, 'flow');
    batch.environment = process.env;
    expect(await deliverOne(sqs, queues.trainings.url, functions.dispatch)).toMatchObject({ taken: true });
    batch.environment = undefined;
    expect(batch.submitted).toMatchObject([
      {
        jobName: `${id}-1`,
        jobQueue: 'graft-gpu',
        jobDefinition: 'graft-train',
        containerOverrides: { command: [id, '1'] },
        timeout: { attemptDurationSeconds: 30 * 60 + 120 },
      },
    ]);
    expect(await batch.ended('batch-1')).toBe(0);
    await invoke(functions.track, batchEvent(`${id}-1`, 'SUCCEEDED'));
    const job = await client.jobs.get(id);
    expect(job.state, JSON.stringify(job.error)).toBe('SUCCEEDED');
    expect(job.attempt).toBe(1);
    const { objects } = await world.store.list(`models/trash/${id}-1-`);
    expect(objects.map(({ key }) => key.split('/').at(-1))).toEqual(
      expect.arrayContaining(['model.onnx', 'card.json', 'labels.json']),
    );
  });

  test('answers from the model', async () => {
    const [label = ''] = await readdir(trashPhotographs);
    const [file = ''] = await readdir(join(trashPhotographs, label));
    const image = await readFile(join(trashPhotographs, label, file));
    const answer = await deployment.client.models.predict('trash', [{ name: file, bytes: image }]);
    expect(answer.predictions[0]?.labels[0]?.probability).toBeGreaterThan(0);
  });
});

describe('the training function', () => {
  test('hands a job on before its time is over, and the next call goes on to the end', async () => {
    const { functions, sqs, queues, client } = deployment;
    const { id } = await client.jobs.submit({ ...spec, name: 'handed-on' }, 'handed on');
    await deliverOne(sqs, queues.trainings.url, functions.dispatch);
    await invoke(functions.train, { job: id, attempt: 1 }, lambdaContext(60));
    expect(await read(id)).toMatchObject({ state: 'SUBMITTED', attempt: 1, error: { code: 'INVOCATION_OVER' } });
    await deliverOne(sqs, queues.trainings.url, functions.dispatch);
    await invoke(functions.train, { job: id, attempt: 2 });
    const job = await read(id);
    expect(job.state, JSON.stringify(job.error)).toBe('SUCCEEDED');
    expect(job.attempt).toBe(2);
  });
});

describe('one outcome, whatever comes twice, late or not at all', () => {
  test('20 clients at once with one key make one job', async () => {
    const { client } = deployment;
    const before = (await client.jobs.list({ limit: 100 })).jobs.length;
    const jobs = await Promise.all(Array.from({ length: 20 }, () => client.jobs.submit(spec, 'the same key')));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect((await client.jobs.list({ limit: 100 })).jobs).toHaveLength(before + 1);
    await client.jobs.cancel(jobs[0]?.id ?? '');
    await drain();
  });

  test('a message that is delivered twice at once starts one attempt', async () => {
    const { functions, sqs, queues, batch } = deployment;
    const job = await submit();
    const starts = batch.submitted.length;
    const first = await deliverOne(sqs, queues.trainings.url, functions.dispatch);
    const again = await Promise.all([1, 2, 3].map(() => invoke(functions.dispatch, first?.event ?? expect.fail('no message'))));
    expect(again).toEqual(Array(3).fill({ batchItemFailures: [] }));
    expect(batch.submitted.slice(starts).map(({ jobName }) => jobName)).toEqual([`${job.id}-1`]);
  });

  test('a dispatcher that dies between claim and start is found by the clock, and another attempt starts', async () => {
    const { functions, sqs, queues, batch, world } = deployment;
    const job = await submit();
    // As it dies: the job is claimed, its lease is over, and nothing was started.
    await changeJob(job.id, world.store, (current) => claimed(current, new Date('2001-01-01')));
    await invoke(functions.dispatch, (await deliverOne(sqs, queues.trainings.url, functions.dispatch))?.event ?? expect.fail());
    const starts = batch.submitted.length;
    await invoke(functions.track, clockEvent);
    await deliverOne(sqs, queues.trainings.url, functions.dispatch);
    expect(batch.submitted.slice(starts).map(({ jobName }) => jobName)).toEqual([`${job.id}-2`]);
    expect((await read(job.id)).state).toBe('STARTING');
  });

  test('FAILED without a reason, events out of order and of attempts long gone: the attempt is replaced once', async () => {
    const { functions, sqs, queues, batch, client } = deployment;
    const job = await submit();
    await deliverOne(sqs, queues.trainings.url, functions.dispatch);
    for (const event of [
      batchEvent(`${job.id}-1`, 'RUNNING'),
      batchEvent(`${job.id}-1`, 'FAILED'),
      batchEvent('not-ours', 'FAILED'),
    ])
      await invoke(functions.track, event);
    expect(await read(job.id)).toMatchObject({ state: 'SUBMITTED', attempt: 1, error: { code: 'WORKER_LOST' } });
    await deliverOne(sqs, queues.trainings.url, functions.dispatch);
    for (const status of ['SUCCEEDED', 'FAILED', 'STARTING']) await invoke(functions.track, batchEvent(`${job.id}-1`, status));
    expect(await read(job.id)).toMatchObject({ state: 'STARTING', attempt: 2 });
    const starts = batch.submitted.map(({ jobName }) => jobName).filter((name) => name.startsWith(job.id));
    expect(starts).toEqual([`${job.id}-1`, `${job.id}-2`]);
    await client.jobs.cancel(job.id);
    expect(batch.terminated).toContain(`batch-${batch.submitted.findIndex(({ jobName }) => jobName === `${job.id}-2`) + 1}`);
    await invoke(functions.track, batchEvent(`${job.id}-2`, 'FAILED', { statusReason: 'no longer wanted' }));
    expect((await read(job.id)).state).toBe('CANCELLED');
  });

  test(
    'a job that always fails to be read ends among the dead letters, and is started when it is fixed and ' + 'redriven',
    async () => {
      const { functions, sqs, queues, batch, world } = deployment;
      const job = await submit();
      const record = (await world.store.get(jobDocument.key(job.id))) ?? expect.fail();
      await world.store.put(jobDocument.key(job.id), new TextEncoder().encode('{'));
      await failUntilDead(queues.trainings.url, functions.dispatch);
      expect(await world.queues.trainings.deadLetters()).toEqual([{ type: 'train', job: job.id, attempts: 0 }]);
      await world.store.put(jobDocument.key(job.id), record.body);
      expect(await world.queues.trainings.redrive()).toBe(1);
      await deliverOne(sqs, queues.trainings.url, functions.dispatch);
      expect(batch.submitted.at(-1)?.jobName).toBe(`${job.id}-1`);
    },
  );

  test(
    'a job that nobody could start raises the alarm, has failed with a reason, and is brought back by graft ' + 'retry',
    async () => {
      const { functions, sqs, queues, batch, client, world } = deployment;
      const job = await submit();
      const record = (await world.store.get(jobDocument.key(job.id))) ?? expect.fail();
      await world.store.put(jobDocument.key(job.id), new TextEncoder().encode('{'));
      await failUntilDead(queues.trainings.url, functions.dispatch);
      const alarm = await alarmOf(await deadLetterUrl(sqs, queues.trainings.url));
      await vi.waitFor(async () => expect(await metricOf(alarm)).toBeGreaterThanOrEqual(alarm.Threshold), PATIENTLY);
      await evaluate(alarm);
      // The emulator looks at the last period only, which may hold no value yet.
      await vi.waitFor(
        async () => {
          const { StateValue } = await alarmOf(await deadLetterUrl(sqs, queues.trainings.url));
          if (StateValue !== 'ALARM') await evaluate(alarm);
          expect(StateValue).toBe('ALARM');
        },
        { timeout: 180_000, interval: 5_000 },
      );

      // The cause is fixed, but nobody redrives its message.
      await world.store.put(jobDocument.key(job.id), record.body);
      await invoke(functions.track, clockEvent);
      expect(await read(job.id)).toMatchObject({ state: 'FAILED', error: { code: 'DISPATCH_RETRIES_EXHAUSTED' } });
      const context = { client, wakeWorker() {}, store: undefined, locate: (key: string) => key, close: async () => {} };
      const told: unknown[] = [];
      const output = { ...silent, result: (value: unknown) => void told.push(value) };
      expect(await retry(job.id, {}, context, output)).toBe(0);
      expect(told).toMatchObject([{ state: 'SUBMITTED', retryOf: job.id }]);
      await deliverOne(sqs, queues.trainings.url, functions.dispatch);
      const [again] = told as { id: string }[];
      expect(batch.submitted.at(-1)?.jobName).toBe(`${again?.id}-1`);
      await world.queues.trainings.redrive();
      await drain();
    },
  );

  test('a job that AWS Batch refuses for good has failed with its reason', async () => {
    const { functions, sqs, queues, client, batch } = deployment;
    const job = await submit();
    batch.refuses = { status: 403, type: 'AccessDeniedException', message: 'not authorized to perform: batch:SubmitJob' };
    expect(await deliverOne(sqs, queues.trainings.url, functions.dispatch)).toMatchObject({ taken: false });
    batch.refuses = undefined;
    expect(await client.jobs.get(job.id)).toMatchObject({ state: 'FAILED', error: { code: 'ACCESS_DENIED' } });
    await drain();
  });
});

describe('an import', () => {
  test('that is longer than a function may run goes on in the next one', async () => {
    const { client } = deployment;
    const upload = await uploadPhotographs('long');
    expect(await deliverImport(lambdaContext(60))).toMatchObject({ taken: true });
    expect((await client.datasets.getUpload(upload.id)).state).toBe('IMPORTING');
    await deliverImport();
    expect((await client.datasets.getUpload(upload.id)).state).toBe('READY');
  });

  test('whose process dies each time has failed with a reason, and goes on when it is redriven', async () => {
    const { client, functions, queues, world } = deployment;
    const upload = await uploadPhotographs('dying');
    const dies = async () => ({ batchItemFailures: [{ itemIdentifier: 'whichever' }] });
    await failUntilDead(queues.imports.url, dies);
    expect((await client.datasets.getUpload(upload.id)).state).toBe('IMPORTING');
    await invoke(functions.track, clockEvent);
    expect(await client.datasets.getUpload(upload.id)).toMatchObject({
      state: 'FAILED',
      error: { code: 'IMPORT_RETRIES_EXHAUSTED' },
    });
    expect(await world.queues.imports.redrive()).toBe(1);
    await deliverImport();
    expect(await client.datasets.getUpload(upload.id)).toMatchObject({ state: 'READY' });
  });
});

/**
 * Delivers the next import. A garbage collection that the upkeep has asked for may wait before it on the same queue,
 * and is done first.
 */
async function deliverImport(context = lambdaContext()): Promise<{ taken: boolean } | undefined> {
  const { functions, sqs, queues } = deployment;
  for (let messages = 0; messages < 5; messages++) {
    let isImport = false;
    const handler: typeof functions.import = (event, _, callback) => {
      isImport = event.Records.some(({ body }) => JSON.parse(body).type === 'import');
      return functions.import(event, isImport ? context : lambdaContext(), callback);
    };
    const delivered = await deliverOne(sqs, queues.imports.url, handler);
    if (isImport || delivered === undefined) return delivered;
  }
  return undefined;
}

async function uploadPhotographs(name: string): Promise<UploadRecord> {
  const { client } = deployment;
  const paths = (await readdir(trashPhotographs, { recursive: true })).filter((path) => path.endsWith('.jpg'));
  const files = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(trashPhotographs, path));
      return { path, bytes, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  const { id } = await client.datasets.createUpload({ name });
  const { uploads } = await client.datasets.addFiles(
    id,
    files.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
  );
  for (const upload of uploads) {
    const file = files.find(({ path }) => path === upload.path) ?? expect.fail(`${upload.path} was not asked for`);
    await client.datasets.sendFile(upload, file.bytes);
  }
  return client.datasets.complete(id, { parts: 1, files: files.length });
}

async function submit(): Promise<AnyJob> {
  await drain();
  return deployment.client.jobs.submit(spec);
}

async function deadLetterUrl(sqs: Deployment['sqs'], url: string): Promise<string> {
  return (await readDeadLetterSettings(sqs, url)).deadLetterUrl;
}

function read(id: string): Promise<AnyJob> {
  return deployment.client.jobs.get(id);
}

/** Takes what earlier tests have left on the queue: jobs that have ended or are at work, for which a message does nothing. */
async function drain(): Promise<void> {
  const { sqs, queues, functions, world } = deployment;
  while ((await world.queues.trainings.size()) > 0) await deliverOne(sqs, queues.trainings.url, functions.dispatch);
}

/** Delivers a message that is not taken, until SQS gives it up. */
async function failUntilDead(url: string, handler: Parameters<typeof deliverOne>[2]): Promise<void> {
  const { sqs, world, queues } = deployment;
  const queue = url === queues.imports.url ? world.queues.imports : world.queues.trainings;
  while ((await queue.deadLetters()).length === 0) {
    const delivered = await deliverOne(sqs, url, handler);
    if (delivered !== undefined) expect(delivered.taken).toBe(false);
  }
}
