import { expect, test } from 'vitest';
import { modelOf, outcomeOf, titleOf, workOf } from '../../../console/describe-job.ts';
import { AnyJob } from '../../../lib/contracts/job.ts';

const at = '2030-01-01T00:00:00.000Z';
const life = { id: 'job-zzzzzzzzz-0000000001', state: 'SUCCEEDED', createdAt: at, updatedAt: at, attempt: 1 };
const version = { name: 'flowers', version: 2 };
const digest = `sha256-${'0'.repeat(64)}`;
const predicted = { model: 'flowers', version: 2, images: 5, output: 'predictions/' };

test.each<[object, string, string, string | undefined]>([
  [{ kind: 'evaluate', spec: { ...version, dataset: `tulips@${digest}` } }, 'Evaluation of', 'evaluation on tulips', undefined],
  [
    {
      kind: 'batch-predict',
      spec: { ...version, source: 's3://photos/may/', topK: 5 },
      result: { ...predicted, failed: 2 },
    },
    'Batch prediction by',
    'batch prediction on s3://photos/may/',
    '2 failed',
  ],
  [
    { kind: 'batch-predict', spec: { ...version, prefix: 'inputs/may/', topK: 5 }, result: { ...predicted, failed: 0 } },
    'Batch prediction by',
    'batch prediction on inputs/may/',
    undefined,
  ],
  [
    { kind: 'export', spec: { ...version, format: 'web', precision: 'int8', maxLoss: 0.01 } },
    'Export of',
    'export as web, int8',
    undefined,
  ],
])('%j', (job, title, work, outcome) => {
  const read = AnyJob.parse({ ...life, ...job });
  expect(titleOf(read)).toBe(`${title} flowers@2`);
  expect([modelOf(read), workOf(read), outcomeOf(read)]).toEqual(['flowers@2', work, outcome]);
});
