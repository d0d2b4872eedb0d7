import { describe, expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { attemptNeeds } from '../../../lib/jobs/attempt-needs.ts';
import { submitted } from '../../../lib/jobs/life-cycle.ts';

const id = 'job-zzk2m4q1x-8w3f0c9d1a';

const both = ['lambda', 'gpu'] as const;
const onLambda: JobEstimate = { target: 'lambda', instance: 'lambda', seconds: 60, parts: [], reason: 'small' };
const handedOn = [{ state: 'SUBMITTED', time: '2030-01-01T00:15:00.000Z', attempt: 1, code: 'INVOCATION_OVER' }] as const;
const evaluation = submitted(id, { kind: 'evaluate', spec: { name: 'trash', version: 1, dataset: 'trash' } }, new Date(0));

function training(compute: object, more: object = {}, estimate: JobEstimate = onLambda): AnyJob {
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash', compute });
  return { ...submitted(id, { spec, estimate }, new Date(0)), ...more };
}

describe('where an attempt runs', () => {
  test.each([
    ['a training where it was estimated to', training({}), both, 'lambda'],
    ['one that was lost, there again', training({}, { attempt: 1 }), both, 'lambda'],
    ['one whose function had no more time on AWS Batch', training({}, { history: handedOn }), both, 'gpu'],
    ['without AWS Batch in another call', training({}, { history: handedOn }), ['lambda'], 'lambda'],
    ['as asked', training({ target: 'lambda' }, { history: handedOn }), both, 'lambda'],
    ['where its cost was counted', training({ maxCost: 1 }, { history: handedOn }), both, 'lambda'],
    ['another job on AWS Batch, if one function was not enough', evaluation, both, 'gpu'],
    ['another job in a function, if there is no AWS Batch', evaluation, ['lambda'], 'lambda'],
  ] as const)('%s', (_, job, there, target) => {
    expect(attemptNeeds(job, 2, there).target).toBe(target);
  });
});

test('another job begins in a function', () => {
  expect(attemptNeeds(evaluation, 1, both)).toEqual({ target: 'lambda', timeoutSeconds: undefined, machines: undefined });
});

test('the compute ends an attempt two minutes after the limit of its job, if the job has one', () => {
  expect(attemptNeeds(training({ maxMinutes: 10 }), 1, both).timeoutSeconds).toBe(720);
  expect(attemptNeeds(training({}), 1, both).timeoutSeconds).toBeUndefined();
});

test('several machines extract features for the first attempt that starts', () => {
  const spread = training({}, {}, { ...onLambda, target: 'gpu', machines: 8 });
  const running = { state: 'RUNNING', time: '2030-01-01T00:01:00.000Z', attempt: 1 } as const;
  expect(attemptNeeds(spread, 1, both)).toMatchObject({ target: 'gpu', machines: 8 });
  expect(attemptNeeds({ ...spread, history: [running] }, 2, both).machines).toBeUndefined();
});

test('functions extract features, if the deployment has them, until they have extracted all', () => {
  const spread = training({}, {}, { ...onLambda, target: 'gpu', functions: 40 });
  const extracted = { ...handedOn[0], code: 'FEATURES_EXTRACTED' };
  expect(attemptNeeds(spread, 1, both, true)).toEqual({ target: 'functions' });
  expect(attemptNeeds(spread, 1, both).target).toBe('gpu');
  expect(attemptNeeds({ ...spread, history: [extracted] }, 2, both, true).target).toBe('gpu');
  expect(attemptNeeds({ ...spread, history: [...handedOn] }, 2, both, true).target, 'lost before').toBe('functions');
  expect(attemptNeeds({ ...spread, losses: 1 }, 2, both, true).target).toBe('functions');
  expect(attemptNeeds({ ...spread, losses: 2 }, 3, both, true).target, 'the last attempt').toBe('gpu');
  expect(attemptNeeds(evaluation, 1, both, true).target).toBe('lambda');
});
