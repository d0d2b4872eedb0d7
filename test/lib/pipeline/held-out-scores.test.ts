import { describe, expect, test } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { Fold } from '../../../lib/datasets/splits/assign-folds.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { calibrateNetwork } from '../../../lib/pipeline/calibrate-network.ts';
import { calibrationParts, heldOutScores } from '../../../lib/pipeline/held-out-scores.ts';
import type { TrainedHead, TrainedNetwork } from '../../../lib/pipeline/network.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { calibrate } from '../../../lib/training/calibration/calibrate.ts';
import { memoryExamples, subsetOf } from '../../../lib/training/examples.ts';
import { drawScores } from '../../support/models/scores.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const COUNT = 200;
const rows = [...new Array(COUNT).keys()];

/** A job on images of two classes; `of` says in which way each differs from an unrelated one. */
function contextFor(of: (row: number) => Partial<ManifestRow>): TrainingContext {
  const images = rows.map((row) => ({
    path: `${row}.jpg`,
    sha256: `${row}`.padStart(64, '0'),
    labels: [row % 2 === 0 ? 'a' : 'b'],
    ...of(row),
  }));
  const context: unknown = {
    job: { spec: JobSpec.parse({ name: 'm', dataset: 'd', task: 'single-label' }) },
    jobContext: { report: () => {}, flush: async () => {}, signal: new AbortController().signal },
    dataset: { digest: `sha256-${'a'.repeat(64)}`, labels: ['a', 'b'], rows: images },
    work: { time: (_: string, work: () => unknown) => work() },
  };
  return context as TrainingContext;
}

const unrelated = contextFor(() => ({}));
/** Frames of videos, which follow each other. */
const videosOf = (frames: number) => contextFor((row) => ({ group: `video ${Math.floor(row / frames)}` }));
const equalPairs = contextFor((row) => ({ sha256: `${row >> 1}`.padStart(64, '0') }));

describe('a head on frozen features with few validation images and more weights than may be trained several times', () => {
  const split = { train: rows.slice(100), validation: rows.slice(0, 100), test: [], leakingGroups: [] };
  const context = { ...unrelated, split } as TrainingContext;

  /** A head that predicts the class of no image. */
  function largeHead(trains: TrainedHead['trains']): TrainedHead {
    const head = Object.assign(buildHead([], [1], { classes: 2, seed: 0 }), { countParams: () => 2 ** 20 + 1 });
    const { targets } = drawScores({ count: COUNT, classes: 2, seed: 1 });
    const trainAndValidation = memoryExamples({ inputShape: [1], inputs: new Float32Array(COUNT), classes: 2, targets });
    const trained: unknown = {
      network: networkOf(head),
      head,
      examples: { trainAndValidation, validation: subsetOf(trainAndValidation, split.validation) },
      scoreFolds: async (folds: readonly Fold[]) => folds.map(({ validation }) => new Float32Array(2 * validation.length)),
      trains,
    };
    return trained as TrainedHead;
  }

  test('is scored on the validation images if it is trained', async () => {
    expect(await heldOutScores(largeHead('head'), context)).toMatchObject({ rows: split.validation, foldOf: undefined });
  });

  test('is scored by cross-validation in closed form, which takes little time', async () => {
    const held = await heldOutScores(largeHead('stage-head'), context);
    expect(held.rows).toEqual(rows);
    expect(new Set(held.foldOf).size).toBe(5);
  });
});

describe('the parts of validation images for calibration', () => {
  test.each([
    ['frames of 20 videos', videosOf(10), 10, 10],
    ['frames of 4 videos', videosOf(50), 50, 4],
    ['pairs of equal images', equalPairs, 2, 10],
  ])('keep together: %s', (_, context, together, parts) => {
    const partOf = calibrationParts({ rows, foldOf: undefined }, context) ?? [];
    expect(partOf).toHaveLength(COUNT);
    expect(new Set(partOf).size).toBe(parts);
    for (const [row, part] of partOf.entries()) expect(part).toBe(partOf[row - (row % together)]);
  });

  test.each([
    ['no images are related', unrelated],
    ['all are', videosOf(COUNT)],
  ])('are every tenth image if %s', (_, context) => {
    expect(calibrationParts({ rows, foldOf: undefined }, context)).toBeUndefined();
  });

  test('are the folds of cross-validation, unless there is only one', () => {
    const foldOf = rows.map((row) => Math.floor(row / 100));
    expect(calibrationParts({ rows, foldOf }, videosOf(10))).toBe(foldOf);
    expect(new Set(calibrationParts({ rows, foldOf: rows.map(() => 0) }, videosOf(10))).size).toBe(10);
  });

  test('divide the scores that calibrate a network', async () => {
    const context = videosOf(10);
    const model = buildHead([], [1], { classes: 2, seed: 0 });
    const scores = drawScores({ count: COUNT, classes: 2, temperature: 4, seed: 1 });
    const inputs = new Float32Array(COUNT);
    const validation = memoryExamples({ inputShape: [1], inputs, classes: 2, targets: scores.targets });
    const held = { scores, rows, foldOf: undefined };
    const trained = { network: networkOf(model), head: model, examples: { validation }, held } as unknown as TrainedNetwork;
    const calibrated = await calibrateNetwork(trained, context);
    const foldOf = calibrationParts(held, context) ?? [];
    expect(calibrated.calibration.after).toEqual((await calibrate(scores, { foldOf })).after);
    expect(calibrated.calibration.after).not.toEqual((await calibrate(scores)).after);
    expect(calibrated.held, 'the card tells them from those of cross-validation').toBe(held);
  });
});
