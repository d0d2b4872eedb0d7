import { expect, test } from 'vitest';
import { describeProgress } from '../../../cli/describe/describe-progress.ts';
import type { JobProgress, JobRecord, JobResult } from '../../../lib/contracts/job.ts';
import type { JobEvent } from '../../../lib/contracts/job-event.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { fineTune } from '../../../lib/fine-tune.ts';
import { openEventLog } from '../../../lib/jobs/event-log.ts';
import { submitted } from '../../../lib/jobs/life-cycle.ts';
import { readEvents } from '../../../lib/jobs/read-events.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { beginPublishing } from '../../support/models/begin-publishing.ts';
import { testWorld } from '../../support/world.ts';

const epochs = 3;
const small: Omit<JobSpecInput, 'name' | 'dataset'> = {
  backbone: { inputSize: 32 },
  split: { train: 0.6, validation: 0.2, test: 0.2 },
  strategy: 'feature-extraction',
  training: { epochs, batchSize: 16, earlyStopping: null },
};

test('retraining on all images is named, counts as training, and shows no validation on images that it learns from', async () => {
  const { told, events, result } = await run({ ...small, training: { ...small.training, folds: 2 } });
  const trained = told.filter(({ stage, done }) => stage === 'train' && done > 0);
  const of = (phase: JobProgress['phase']) => trained.filter((said) => said.phase === phase);
  expect(of(undefined)).toHaveLength(epochs);
  for (const said of of(undefined)) expect(said.validationAccuracy).toBeDefined();
  expect(of('retraining').length).toBeGreaterThan(0);
  for (const said of of('retraining')) {
    expect(said.loss).toBeDefined();
    expect(said).not.toHaveProperty('validationLoss');
    expect(said).not.toHaveProperty('validationAccuracy');
    expect(textOf(said)).toMatch(/^retraining on training and validation images: epoch \d of \d, loss \d\.\d{3}/);
    expect(textOf(said)).not.toMatch(/validation (loss|accuracy)/);
  }
  // Those of a fold are not among the images that it learns from.
  expect(of('cross-validation').length).toBeGreaterThan(0);
  for (const said of of('cross-validation')) expect(said.validationAccuracy).toBeDefined();
  const epochsTold = events.flatMap((event) => (event.type === 'epoch' ? [event.phase] : []));
  expect(epochsTold).toEqual(trained.map(({ phase }) => phase));
  // Each word of a training takes a second of the test's clock, and nothing else takes any.
  expect(result.seconds).toMatchObject({ features: 0, train: trained.length, evaluate: 0 });
});

test('layers of the backbone that train behind a trained head are named, and show validation', async () => {
  const training = { ...small.training, epochs: 1 };
  const { told } = await run({ ...small, strategy: 'fine-tune-top', training, fineTuning: { epochs: 1 } });
  const [head, tail, ...rest] = told.filter(({ stage, done }) => stage === 'train' && done > 0);
  expect([head?.phase, tail?.phase]).toEqual([undefined, 'fine-tuning']);
  expect(tail && textOf(tail)).toMatch(/^fine-tuning: epoch 1 of at most 1, loss .*, validation loss /);
  expect([...new Set(rest.map(({ phase }) => phase))]).toEqual(['retraining']);
});

test('what a search has decoded, and the time that its trials took, are in the result', async () => {
  const search = { over: { 'training.optimizer.learningRate': [0.003, 0.01] }, trials: 2 };
  const first = await run({ ...small, search });
  const waits = { decode: expect.any(Number), trunk: expect.any(Number), write: expect.any(Number) };
  expect(first.result.features).toEqual({ cached: 0, decoded: 60, waits });
  expect(first.result.seconds.features).toBeGreaterThan(0);
  const second = await run({ ...small, search }, first.world);
  expect(second.result.features).toEqual({ cached: 60, decoded: 0 });
  expect(second.result.seconds.features).toBe(0);
});

test.each<[string, JobProgress, number, string]>([
  ['an estimate grows shorter', { stage: 'features', done: 1, total: 9, secondsLeft: 60 }, 10, '50 s left'],
  ['and is gone once it has run out', { stage: 'features', done: 1, total: 9, secondsLeft: 4 }, 10, 'features: 1 of 9 images'],
  [
    'without a report from the worker there is none',
    { stage: 'predict', done: 1, total: 9, secondsLeft: 400 },
    40,
    'worker for 40',
  ],
])('%s', (_, progress, quiet, text) => {
  const shown = textOf(progress, quiet);
  expect(shown).toContain(text);
  if (!text.includes('left')) expect(shown).not.toContain('left');
});

function textOf(progress: JobProgress, quiet = 0): string {
  return describeProgress({ ...submitted(newId('job', new Date()), { spec: specOf(small) }, new Date()), progress }, quiet);
}

function specOf(asked: Omit<JobSpecInput, 'name' | 'dataset'>): JobSpec {
  return JobSpec.parse({ ...asked, name: 'trash', dataset: 'trash' });
}

/** Runs a job whose time stands still, but for a second with each word of a stage that takes time. */
async function run(asked: Omit<JobSpecInput, 'name' | 'dataset'>, world = testWorld()) {
  await importSource(trashPhotographs, world, { name: 'trash' });
  const spec = await resolveSpec(specOf(asked), world.store);
  const job: JobRecord = {
    ...submitted(newId('job', world.clock.now()), { spec }, world.clock.now()),
    spec,
    kind: 'train',
    attempt: 1,
  } as JobRecord;
  const told: JobProgress[] = [];
  const log = openEventLog({ job: job.id, attempt: 1 }, world);
  const report = (said: JobProgress) => {
    told.push(said);
    log.progress(said);
    if ((said.stage === 'train' && said.done > 0) || said.stage === 'search') void world.clock.advance(1);
  };
  const jobContext = {
    report,
    flush: async () => {},
    signal: new AbortController().signal,
    beginPublishing,
  };
  const result: JobResult = await fineTune(job, world, jobContext);
  await log.flush();
  const { events }: { events: readonly JobEvent[] } = await readEvents(job, world.store, { limit: 1000 });
  return { told, events, result, world };
}
