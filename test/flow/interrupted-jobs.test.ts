import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { JobProgress, JobRecord, JobResult } from '../../lib/contracts/job.ts';
import { JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import type { Trial } from '../../lib/contracts/search-spec.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { fineTune } from '../../lib/fine-tune.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { readCard } from '../../lib/models/model-package.ts';
import type { World } from '../../lib/ports.ts';
import { newId } from '../../lib/store/new-id.ts';
import { trashPhotographs } from '../support/graft.ts';
import { testWorld } from '../support/world.ts';

const rate = 'training.optimizer.learningRate';
const search: JobSpecInput['search'] = { over: { [rate]: [0.1, 0.003, 0.0001, 1e-5], head: ['linear'] }, trials: 4 };

type Asked = Omit<JobSpecInput, 'name' | 'dataset'>;
const small: Asked = { backbone: { inputSize: 32 }, split: { train: 0.6, validation: 0.2, test: 0.2 } };
const training = { epochs: 3, batchSize: 16 };

/** Words of the job, from 1, after which its process is asked to end; each attempt goes on where the one before stood. */
const jobs: [name: string, spec: Asked, interruptions: number[]][] = [
  ['a search', { strategy: 'feature-extraction', training: { ...training, folds: 2 }, search }, [4, 5, 12]],
  [
    'a search over cuts',
    {
      training: { epochs: 1 },
      fineTuning: { epochs: 1 },
      search: { over: { strategy: ['feature-extraction', 'fine-tune-top'] } },
    },
    [5, 3],
  ],
  [
    'stages that are unfrozen one by one, each at its own rate, with a rate that was found',
    {
      strategy: 'fine-tune-top',
      training: { ...training, findLearningRate: true, checkpointMinutes: 0.001 },
      fineTuning: { epochs: 2, stageDecay: 0.5, gradualUnfreezing: { epochsPerStage: 1 } },
    },
    [3, 3, 2],
  ],
  [
    'the same behind a cut, with a new head',
    { freeze: { through: 'block6' }, training, fineTuning: { stageDecay: 0.3, gradualUnfreezing: { epochsPerStage: 1 } } },
    [3, 2],
  ],
];

describe('a job that is interrupted ends in the same bytes', () => {
  test.each(jobs)('%s', async (_, asked, interruptions) => {
    const world = testWorld();
    await importSource(trashPhotographs, world, { name: 'trash' });
    const calm = await run({ ...small, ...asked }, 'calm', world);
    const disturbed = await run({ ...small, ...asked }, 'disturbed', world, interruptions);
    expect(disturbed.attempts, 'of which all but the last were interrupted').toBeGreaterThan(1);
    expect(await digestOf(disturbed.result, world)).toBe(await digestOf(calm.result, world));
    expect(disturbed.result).toEqual({ ...calm.result, ...differing(disturbed.result) });
  });
});

test('a search trains its best trial, and the card says which: submitted again, its spec gives the same model', async () => {
  const world = testWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  const told: Trial[] = [];
  const asked: Asked = { ...small, strategy: 'feature-extraction', training, search };
  const tensors: number[] = [];
  const { result } = await run(asked, 'found', world, [], ({ trial }) => {
    if (trial === undefined) return;
    told.push(trial);
    tensors.push(memory().numTensors);
  });
  expect(new Set(tensors).size, 'a trial leaves no tensor behind').toBe(1);
  const { best, trials } = result.search!;
  expect(trials.map(({ trial, rung }) => [trial, rung])).toEqual(
    expect.arrayContaining([1, 2, 3, 4].map((trial) => [trial, expect.any(Number)])),
  );
  expect(told.map(({ rung }) => rung)).toEqual([1, 1, 1, 1, 2, 2]);
  const last = trials.filter(({ rung, rungs }) => rung === rungs);
  expect(result.search?.default).toBe(2);
  const better = last.filter(({ gain = 0, standardError = 0 }) => gain > standardError);
  expect(best, 'the default, unless another was better by more than chance').toBe(better[0]?.trial ?? 2);
  const card = await readCard(result, world.store);
  expect(card.spec.training.optimizer.learningRate).toBe(trials[best - 1]?.values[rate]);
  expect(card.spec.search).toBeUndefined();
  expect(card.search).toEqual(result.search);
  const { name: _, dataset: __, ...spec } = card.spec;
  const again = await run(spec, 'again', world);
  expect(again.result.metrics).toEqual(result.metrics);
  expect((await readCard(again.result, world.store)).modelDigest).toBe(card.modelDigest);
});

test('a trial whose loss explodes is lost, and the others go on', async () => {
  const world = testWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  const optimizer = [
    { name: 'sgd', learningRate: 100, momentum: 0.99 },
    { name: 'adam', learningRate: 0.003 },
  ];
  const asked: Asked = {
    ...small,
    freeze: { through: 'block6' },
    training: { ...training, epochs: 8 },
    search: { over: { 'training.optimizer': optimizer } },
  };
  const { result } = await run(asked, 'trash', world);
  expect(result.search).toMatchObject({ best: 2, trials: [{ error: 'LOSS_NOT_FINITE' }, { trial: 2 }] });
});

/** Runs a job to its end in as many attempts as it takes. */
async function run(
  asked: Asked,
  name: string,
  world: World,
  interruptions: readonly number[] = [],
  onProgress: (progress: JobProgress) => void = () => {},
): Promise<{ result: JobResult; attempts: number }> {
  const spec = await resolveSpec(JobSpec.parse({ ...asked, name, dataset: 'trash' }), world.store);
  const at = world.clock.now().toISOString();
  const job: JobRecord = {
    id: newId('job', world.clock.now()),
    state: 'RUNNING',
    spec,
    createdAt: at,
    updatedAt: at,
    attempt: 0,
  };
  for (let attempt = 1; ; attempt++) {
    const stop = new AbortController();
    const at = interruptions[attempt - 1];
    let words = 0;
    const report = (progress: JobProgress): void => {
      onProgress(progress);
      if (progress.stage !== 'prepare' && ++words === at) stop.abort(new Error('the machine goes away'));
    };
    try {
      const result = await fineTune({ ...job, attempt }, world, {
        report,
        flush: async () => {},
        signal: stop.signal,
        beginPublishing: async (publication) => publication,
      });
      return { result, attempts: attempt };
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }
}

async function digestOf({ package: prefix }: JobResult, { store }: World): Promise<string> {
  return (await readCard({ package: prefix }, store)).modelDigest;
}

/** What is of the run, not of the model. */
function differing({ model, package: prefix, seconds, features }: JobResult): Partial<JobResult> {
  return { model, package: prefix, seconds, features };
}
