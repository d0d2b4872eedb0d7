import { expect, test, vi } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import { compareMirrored } from '../../../../lib/pipeline/comparisons/compare-mirrored.ts';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import { randomStream } from '../../../../lib/random.ts';
import { testWorld } from '../../../support/world.ts';

/** Classes that have images; the kind of a head follows from the number of all. */
const PRESENT = 16;
const CLASSES = 400;
const COUNT = 4 * PRESENT;

/** Directions in a plane, one for each class. */
const features = vi.hoisted(() => ({ of: new Float32Array() }));
const random = randomStream(1, 'directions');
features.of = Float32Array.from({ length: 2 * COUNT }, (_, i) => {
  const angle = (2 * Math.PI * (i >> 1)) / PRESENT;
  return (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 0.01 * random.next();
});

vi.mock('../../../../lib/features/open-trunk.ts', () => ({
  openTrunk: async () => ({ key: 'a', blocks: [{ name: 'top', size: 2 }] }),
}));
// Each image equals its mirror image.
vi.mock('../../../../lib/features/stage-features.ts', () => ({
  readFeatures: async () => features.of,
  readVariantFeatures: async () => features.of,
}));

test('heads on mirrored images are of the same kind, so that images which equal their mirror images gain nothing', async () => {
  const rows = Array.from({ length: COUNT }, (_, row) => ({
    path: `${row}.jpg`,
    sha256: `${row}`.padStart(64, '0'),
    labels: [`${row % PRESENT}`],
  }));
  const context: unknown = {
    job: { id: 'job-1', spec: JobSpec.parse({ name: 'm', dataset: 'd', task: 'single-label' }) },
    jobContext: { report: () => {}, flush: async () => {}, signal: new AbortController().signal },
    dataset: {
      digest: `sha256-${'a'.repeat(64)}`,
      labels: Array.from({ length: CLASSES }, (_, label) => `${label}`),
      rows: rows as ManifestRow[],
      targets: rows.map((_, row) => [row % PRESENT]),
    },
    split: { train: [...rows.keys()], validation: [], test: [] },
    world: testWorld(),
    work: { time: (_: string, work: () => unknown) => work() },
  };
  // A head of so many classes is a logistic regression on 64 images, and a ridge regression on 128.
  const mirror = await compareMirrored(context as TrainingContext);
  expect(Math.abs(mirror?.gain ?? 1)).toBeLessThan(0.1);
});
