import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { changeJob } from '../../../lib/jobs/job-store.ts';
import { leaseRenewed } from '../../../lib/jobs/life-cycle.ts';
import { createJob, submitJob } from '../../../lib/jobs/submit-job.ts';
import { apiSystem, ask } from '../../support/api.ts';

const interim = { strategy: 'stage-features', images: 40, accuracy: 0.9, accuracyInterval: { low: 0.77, high: 0.96 } };

test('a training is finished once it has an interim result; a repeated request gets the same answer', async () => {
  const { api, world, compute } = apiSystem();
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  const finish = (key: string) => ask(api, `POST /v1/jobs/${id}/finish`, {}, { 'idempotency-key': key });
  const refused = await finish('early');
  expect(refused).toMatchObject({ status: 409, json: { code: 'INTERIM_RESULT_UNAVAILABLE' } });
  expect(refused.json.fix).toContain(`graft job ${id} --follow`);

  const attempt = (await dispatchJob(id, compute, world)) ?? 0;
  await changeJob(id, world.store, (job) => leaseRenewed(job, attempt, world.clock.now(), { interim }));
  const first = await finish('one');
  expect(first).toMatchObject({ status: 200, json: { state: 'RUNNING', interim, finishRequested: expect.any(String) } });
  await world.clock.advance(5);
  expect(await finish('one')).toMatchObject({ json: first.json, headers: { 'idempotency-replayed': 'true' } });
  expect(await finish('two')).toMatchObject({ status: 200, json: first.json });
  expect((await ask(api, `GET /v1/jobs/${id}`)).json).toEqual(first.json);
});

test('a job that is no training, or does not exist, is not finished', async () => {
  const { api, world } = apiSystem();
  const evaluation = { kind: 'evaluate', spec: { name: 'trash', version: 1, dataset: 'trash' } } as const;
  const { id } = await createJob(evaluation, world);
  expect(await ask(api, `POST /v1/jobs/${id}/finish`)).toMatchObject({ status: 409, json: { code: 'FINISH_UNSUPPORTED' } });
  const unknown = await ask(api, 'POST /v1/jobs/job-zd356vw8p-hk9hd7jxu9/finish');
  expect(unknown).toMatchObject({ status: 404, json: { code: 'JOB_NOT_FOUND' } });
});
