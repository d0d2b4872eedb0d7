import { product, sum } from '../arithmetic.ts';
import type { NoveltyOmitted } from '../contracts/novelty.ts';
import { assignFolds, countGroups } from '../datasets/splits/assign-folds.ts';
import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { noveltyImages } from '../estimates/check-novelty.ts';
import { randomStream } from '../random.ts';
import { averageMaps } from '../training/average-maps.ts';
import { blocksOf, withoutGrids } from '../training/closed-form/feature-block.ts';
import { batchRows, type Examples, everyRow, gatherColumns, sampleRows } from '../training/examples.ts';
import { fitNovelty, type NoveltyDetector } from '../training/novelty/fit-novelty.ts';
import { noveltyScores } from '../training/novelty/novelty-scores.ts';
import type { SeenByBackbone } from './check-held-out.ts';
import type { PreparedExamples } from './prepare-examples.ts';
import type { TrainingContext } from './training-context.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

const MOST_FOLDS = 10;
/** With fewer groups of related images, held-out scores say little about new groups. */
const FEWEST_GROUPS = 5;
const ROWS_AT_ONCE = 64;

/**
 * Fits the novelty score of a network to the trunk's features of training and validation images. The trunk is frozen,
 * so features of images that a network was trained on are like those of new images: the score needs no images of its
 * own, whatever layers are trained after the cut. If the backbone is a published version that was trained on some of
 * them, there is no score. Maps are averaged over height and width; where the features carry the
 * vectors of stages, only these count. Measures the score on the test images, whose scores are then its `heldOut`.
 * @returns undefined if the job wants none; the reason if the features have none
 */
export async function learnNovelty(
  { trunk, examples }: Pick<PreparedExamples, 'trunk' | 'examples'>,
  context: TrainingContext,
): Promise<NoveltyDetector | NoveltyOmitted | undefined> {
  const { novelty, training } = context.job.spec;
  if (novelty === null) return undefined;
  const { rate } = novelty;
  if (trunk.cut === 'images') return { rate, omitted: 'All layers were trained, so no features stay as they were.' };
  const { dataset, split, seenByBackbone = 0 } = context;
  if (seenByBackbone !== 0) return { rate, omitted: reasonFor(seenByBackbone) };
  const rows = sampleOf(examples.trainAndValidation, rate, training.seed);
  const images = trainAndValidationRows(split);
  const sampledRows = rows.flatMap((row) => images[row] ?? []);
  const groups = countGroups(dataset, sampledRows);
  if (groups < FEWEST_GROUPS) {
    return { rate, omitted: `It needs ${FEWEST_GROUPS} groups of related images; there are ${groups}.` };
  }
  const folds = assignFolds(dataset, sampledRows, Math.min(MOST_FOLDS, groups), training.seed).map(
    ({ validation }) => validation,
  );
  const size = vectorSize(trunk);
  const blocks = blocksOf(withoutGrids(trunk.blocks ?? [{ name: 'top', size }]));
  const features = await vectorsOf(examples.trainAndValidation, rows, size);
  const detector = await fitNovelty(features, rows.length, {
    rate,
    blocks,
    folds,
    seed: training.seed,
    yieldToEventLoop: () => yieldToEventLoop(context),
  });
  if ('omitted' in detector || examples.test.count === 0) return detector;
  const { record } = detector;
  const testRows = sampleOf(examples.test, rate, training.seed);
  const scores = noveltyScores(await vectorsOf(examples.test, testRows, size), testRows.length, detector);
  const testShare = scores.filter((score) => score > record.threshold).length / testRows.length;
  return { ...detector, record: { ...record, testShare }, heldOut: Float32Array.from(scores) };
}

/** Why features of images that the backbone was, or may be, trained on say little about those of new images. */
function reasonFor(seen: SeenByBackbone): string {
  if (seen === 'unknown') return 'The images that the backbone was trained on are not known any more: they may be the same.';
  return `The backbone was trained on ${seen} of the images, so their features are unlike others.`;
}

function sampleOf(examples: Examples, rate: number, seed: number): readonly number[] {
  return sampleRows(everyRow(examples), noveltyImages(rate), randomStream(seed, 'novelty'));
}

/** The number of columns that the score is of: those of whole stages, which are the last, or the channels of a map. */
function vectorSize({ blocks, featureShape }: PreparedExamples['trunk']): number {
  return blocks === undefined ? (featureShape.at(-1) ?? 0) : sum(withoutGrids(blocks).map(({ size }) => size));
}

/**
 * Reads features: the last columns of vectors, and maps averaged over height and width.
 * @returns float32 [rows, size]
 */
async function vectorsOf(examples: Examples, rows: readonly number[], size: number): Promise<Float32Array> {
  const width = examples.inputShape.at(-1) ?? 0;
  const positions = product(examples.inputShape) / width;
  const vectors = new Float32Array(rows.length * size);
  for (const [batch, indexes] of batchRows(rows.length, ROWS_AT_ONCE).entries()) {
    const { inputs } = await examples.gather(indexes.flatMap((index) => rows[index] ?? []));
    const vector =
      positions > 1 ? averageMaps(inputs, positions, width) : gatherColumns(inputs, width, { start: width - size, size });
    vectors.set(vector, batch * ROWS_AT_ONCE * size);
  }
  return vectors;
}
