/**
 * A training whose features several machines extract first: the real functions over LocalStack, with processes for AWS
 * Batch's machines.
 */
import { beforeAll, expect, test } from 'vitest';
import { type Deployment, deploy } from '../support/aws/aws-deployment.ts';
import { batchEvent, deliverOne, invoke } from '../support/aws/lambda-events.ts';
import { importTwenty, submitSpread } from '../support/processes/spread-job.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
  await importTwenty(deployment);
});

const submit = () => submitSpread(deployment, { machines: 2 });
const deliver = () => deliverOne(deployment.sqs, deployment.queues.trainings.url, deployment.functions.dispatch);

test('the array extracts, then the training joins what it has made', async () => {
  const { batch, client, world, functions } = deployment;
  const { id } = await submit();
  batch.environment = process.env;
  expect(await deliver()).toMatchObject({ taken: true });
  batch.environment = undefined;
  expect(batch.submitted).toMatchObject([
    { jobName: `${id}-1-features`, arrayProperties: { size: 2 }, containerOverrides: { command: ['part', id, '1', '2'] } },
    { jobName: `${id}-1`, dependsOn: [{ jobId: 'batch-1' }], containerOverrides: { command: [id, '1'] } },
  ]);
  expect(await batch.ended('batch-1')).toBe(0);
  for (const name of [`${id}-1-features`, `${id}-1-features`]) await invoke(functions.track, batchEvent(name, 'SUCCEEDED'));
  expect((await client.jobs.get(id)).state, 'the end of a part is not that of the job').not.toBe('SUBMITTED');
  expect(await batch.ended('batch-2')).toBe(0);
  expect(await client.jobs.get(id)).toMatchObject({
    state: 'SUCCEEDED',
    attempt: 1,
    result: { features: { decoded: 0, cached: 20 } },
  });
  expect((await world.store.list('features/')).objects).toHaveLength(1);
});

test(
  'a part that its machine lost leads to one more attempt with an array of its own; a cancelled job takes both jobs ' + 'with it',
  async () => {
    const { batch, client, functions } = deployment;
    const { id } = await submit();
    await deliver();
    await invoke(functions.track, batchEvent(`${id}-1-features`, 'FAILED', { statusReason: 'Array Child Job failed' }));
    expect((await client.jobs.get(id)).state).toBe('STARTING');
    const failed = { statusReason: 'Dependent Job failed', startedAt: undefined, dependsOn: [{ jobId: 'array' }] };
    for (let times = 0; times < 2; times++) await invoke(functions.track, batchEvent(`${id}-1`, 'FAILED', failed));
    expect(await client.jobs.get(id)).toMatchObject({ state: 'SUBMITTED', attempt: 1, error: { code: 'WORKER_LOST' } });
    const before = batch.submitted.length;
    await deliver();
    expect(batch.submitted.slice(before).map(({ jobName }) => jobName)).toEqual([`${id}-2-features`, `${id}-2`]);
    await client.jobs.cancel(id);
    expect(batch.terminated).toEqual([`batch-${before + 2}`, `batch-${before + 1}`]);
    expect((await client.jobs.get(id)).state).toBe('CANCELLED');
  },
);
