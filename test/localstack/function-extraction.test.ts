/** A training whose features Lambda functions extract first: the real functions over LocalStack. */
import { beforeAll, expect, test } from 'vitest';
import { type Deployment, deploy } from '../support/aws/aws-deployment.ts';
import { clockEvent, deliverOne, invoke, lambdaContext } from '../support/aws/lambda-events.ts';
import { importTwenty, submitSpread } from '../support/processes/spread-job.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
  await importTwenty(deployment);
});

const submit = () => submitSpread(deployment, { functions: 2 });
const dispatch = () => deliverOne(deployment.sqs, deployment.queues.trainings.url, deployment.functions.dispatch);
const extract = (context = lambdaContext(180)) =>
  deliverOne(deployment.sqs, deployment.queues.extractions.url, deployment.functions.extract, context);

test('functions extract, and then the training finds all features', async () => {
  const { batch, client, world } = deployment;
  const { id } = await submit();
  expect(await dispatch()).toMatchObject({ taken: true });
  expect(batch.submitted, 'no machine starts yet').toEqual([]);
  expect(await client.jobs.get(id)).toMatchObject({ state: 'STARTING', attempt: 1 });
  // The division, a part that has no time for a shard, and the part again after its pause.
  expect(await extract()).toMatchObject({ taken: true });
  expect(await extract(lambdaContext(5))).toMatchObject({ taken: true });
  expect((await world.store.list('features/')).objects).toEqual([]);
  expect(await world.queues.extractions?.size()).toBe(1);
  await expect.poll(() => extract(), { timeout: 60_000, interval: 1000 }).toMatchObject({ taken: true });
  expect((await world.store.list('features/')).objects).toHaveLength(1);
  expect(await client.jobs.get(id)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });

  batch.environment = process.env;
  expect(await dispatch()).toMatchObject({ taken: true });
  batch.environment = undefined;
  expect(batch.submitted).toMatchObject([{ jobName: `${id}-2`, containerOverrides: { command: [id, '2'] } }]);
  expect(await batch.ended('batch-1')).toBe(0);
  expect(await client.jobs.get(id)).toMatchObject({
    state: 'SUCCEEDED',
    attempt: 2,
    result: { features: { decoded: 0, cached: 20 } },
  });
});

test('while its message waits, the tracker leaves the attempt alone; the parts of a cancelled job do nothing', async () => {
  const { client, functions, world } = deployment;
  const { id } = await submit();
  await dispatch();
  await invoke(functions.track, clockEvent);
  expect(await client.jobs.get(id)).toMatchObject({ state: 'STARTING', attempt: 1 });
  await client.jobs.cancel(id);
  expect(await extract()).toMatchObject({ taken: true });
  expect(await world.queues.extractions?.size()).toBe(0);
  expect((await client.jobs.get(id)).state).toBe('CANCELLED');
});
