import { expect, it } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { splitDataset } from '../../../lib/datasets/splits/split-dataset.ts';
import { crossValidate, planFolds } from '../../../lib/pipeline/cross-validate.ts';
import type { RetrainOptions } from '../../../lib/pipeline/network.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { blobs } from '../../support/blobs.ts';
import { imageNumber, importFiles } from '../../support/import-files.ts';
import { testWorld } from '../../support/world.ts';

/** Twelve patients with four photographs each, as a manifest's column `group` has them. */
async function patients() {
  const images = Array.from({ length: 48 }, (_, image) => ({
    path: `${image}.png`,
    label: image % 24 < 12 ? 'sick' : 'well',
    group: `patient-${Math.floor(image / 4)}`,
  }));
  const { digest, rows } = await importFiles({
    'manifest.csv': ['path,label,group', ...images.map(({ path, label, group }) => `${path},${label},${group}`)].join('\n'),
    ...Object.fromEntries(await Promise.all(images.map(async ({ path }, image) => [path, await imageNumber(image)] as const))),
  });
  return { digest, rows };
}

it('trains no fold with images of a patient that it is validated by', async () => {
  const dataset = {
    ...(await patients()),
    name: 'pictures',
    labels: ['sick', 'well'],
    task: 'single-label',
    targets: [],
  } as const;
  const spec = JobSpec.parse({ name: 'pictures', dataset: 'pictures', training: { folds: 3, repeats: 2 } });
  const split = splitDataset(dataset, spec.split, spec.training.seed);
  const repeats = planFolds({ spec, dataset, split });
  const images = [...split.train, ...split.validation].sort((a, b) => a - b);
  const groupsOf = (places: readonly number[]) => new Set(places.map((place) => dataset.rows[images[place] ?? -1]?.group));
  expect(repeats).toHaveLength(2);
  for (const { parts } of repeats) {
    expect(parts).toHaveLength(3);
    for (const { train, validation } of parts) {
      const seen = groupsOf(train);
      expect([...groupsOf(validation)].filter((group) => seen.has(group))).toEqual([]);
    }
  }
});

it.each([
  { what: 'a head in closed form once, with the reason', ignoresSeed: true, folds: undefined, seeds: 1, repeats: 1 },
  { what: 'a head in closed form on the folds of each seed', ignoresSeed: true, folds: 2, seeds: 6, repeats: 3 },
  { what: 'any other network with each seed', ignoresSeed: false, folds: undefined, seeds: 3, repeats: 3 },
])('repeats $what', async ({ ignoresSeed, folds, seeds, repeats }) => {
  const dataset = { ...(await patients()), labels: ['sick', 'well'] };
  const training = { repeats: 3, ...(folds !== undefined && { folds }) };
  const spec = JobSpec.parse({ name: 'pictures', dataset: 'pictures', task: 'single-label', training });
  const split = splitDataset(dataset, spec.split, 0);
  const trainings: RetrainOptions[] = [];
  const examples = blobs({ count: split.train.length + split.validation.length, classes: 2 });
  const evaluate = async ({ targets }: { targets: Float32Array }) => ({ logits: new Float32Array(targets.length), loss: 1 });
  const trained: unknown = {
    ignoresSeed,
    examples: { trainAndValidation: examples },
    retrain: async (options: RetrainOptions) => {
      trainings.push(options);
      return { network: { evaluate } };
    },
  };
  const context: unknown = {
    job: { id: 'job-1', attempt: 1, spec },
    world: testWorld(),
    dataset,
    split,
    jobContext: { signal: new AbortController().signal, report: () => {} },
    work: { time: (_: string, work: () => unknown) => work() },
  };
  const result = await crossValidate(trained as never, context as TrainingContext);
  expect(trainings).toHaveLength(seeds);
  expect(result).toMatchObject({ repeats });
  expect(result?.metrics.negativeLogLikelihood.values).toHaveLength(seeds);
  expect(result?.reason !== undefined).toBe(repeats === 1);
});
