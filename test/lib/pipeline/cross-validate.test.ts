import { expect, it } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { splitDataset } from '../../../lib/datasets/splits/split-dataset.ts';
import { planFolds } from '../../../lib/pipeline/cross-validate.ts';
import { imageNumber, importFiles } from '../../support/import-files.ts';

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
