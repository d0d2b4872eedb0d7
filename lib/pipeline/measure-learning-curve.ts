/** The learning curve over the number of training images: scores of linear heads on parts of them. */

import { errorJson } from '../errors.ts';
import { carriesStages } from '../features/trunk.ts';
import { randomStream } from '../random.ts';
import type { EvaluationFacts } from '../reports/measure/scored-images.ts';
import type { ClosedFormOptions } from '../training/closed-form/choose-mixture.ts';
import { EVEN_WEIGHTING } from '../training/closed-form/kernel.ts';
import { openPartScorer } from '../training/closed-form/part-scorer.ts';
import { type Examples, everyRow, subsetOf } from '../training/examples.ts';
import { taskScore } from '../training/metrics/task-score.ts';
import { closedFormOptions } from './closed-form-options.ts';
import type { TrainedNetwork } from './network.ts';
import type { TrainingContext } from './training-context.ts';

type SizeFacts = Pick<EvaluationFacts, 'sizes' | 'sizesOmitted'>;

/** The work grows with the third power of this number. */
const MOST_IMAGES = 1024;
/** Training images that the parts are drawn from: their products with each other are computed once. */
const MOST_POOLED = 2 * MOST_IMAGES;
const FEWEST_IMAGES = 16;
const MOST_SIZES = 5;
/** Heads on different images of a size; one on all images. */
const HEADS = 4;
/** Images to evaluate a head on, and validation images that choose its strength. */
const MOST_EVALUATED = 1000;
const FEWEST_EVALUATED = 20;
const MOST_CHOOSING = 500;
const RIDGES = [0.01, 0.1, 1];
/** With less time left, a job ends instead. */
const SECONDS_NEEDED = 60;

/**
 * Fits linear heads in closed form to random parts of the training images, each twice as large as the one before, and
 * scores them on the test images, or on the validation images without test images. The parts keep the shares of the
 * classes.
 * @returns the scores, or why there are none; a failure is a reason, too
 */
export async function measureLearningCurve({ examples, trunk }: TrainedNetwork, context: TrainingContext): Promise<SizeFacts> {
  const { job, jobContext, world } = context;
  const { train } = examples;
  if (train.inputShape.length !== 1)
    return { sizesOmitted: 'The features at the cut are maps, and a linear head needs one vector for each image.' };
  if (carriesStages(trunk))
    return { sizesOmitted: 'The features end at the cut, and linear heads on them would lack the layers after it.' };
  if ((jobContext.secondsLeft?.() ?? SECONDS_NEEDED) < SECONDS_NEEDED)
    return { sizesOmitted: 'The job had no time left for it.' };
  const { seed } = job.spec.training;
  const evaluated = sampleOf(examples.test.count > 0 ? examples.test : examples.validation, MOST_EVALUATED, seed);
  const sizes = sizesFor(train);
  if (sizes.length < 2)
    return { sizesOmitted: `There are too few training images (${train.count}) for ${train.classes} classes.` };
  if (evaluated.count < FEWEST_EVALUATED) return { sizesOmitted: 'There are too few images to evaluate heads.' };
  try {
    const choosing = sampleOf(examples.validation, MOST_CHOOSING, seed);
    const options = closedFormOptions(trunk, context);
    const { pool, score } = await openHeads({ train, choosing, evaluated }, seed, options);
    const orders = Array.from({ length: HEADS }, (_, head) => proportionalOrder(pool, seed, head));
    const largest = orders[0]?.slice(0, sizes.at(-1)) ?? [];
    const ridge = await bestRidge(async (one) => (choosing.count === 0 ? 0 : score(largest, one, 'choosing')));
    const points: { images: number; scores: number[] }[] = [];
    for (const images of sizes) {
      const scores: number[] = [];
      for (const order of images === train.count ? orders.slice(0, 1) : orders)
        scores.push(await score(order.slice(0, images), ridge, 'evaluated'));
      points.push({ images, scores });
    }
    const metric = options.task === 'multi-label' ? 'mean average precision' : 'accuracy';
    return { sizes: { metric, evaluated: evaluated.count, available: train.count, points } };
  } catch (error) {
    jobContext.signal.throwIfAborted();
    world.log('report.sizes-failed', { job: job.id, error: errorJson(error) });
    return { sizesOmitted: 'The heads on parts of the training images could not be fitted.' };
  }
}

/** Images that heads are scored on. */
type Scored = 'choosing' | 'evaluated';

/** Opens the heads on parts of a pool of training images. Their scores are those of the job's task. */
async function openHeads(
  { train, ...others }: Readonly<Record<'train' | Scored, Examples>>,
  seed: number,
  options: Omit<ClosedFormOptions, 'weights'>,
): Promise<{
  readonly pool: Examples;
  readonly score: (part: readonly number[], ridge: number, on: Scored) => Promise<number>;
}> {
  const pool = subsetOf(train, proportionalOrder(train, seed, HEADS).slice(0, MOST_POOLED));
  const own = await gatherAll(pool);
  const [choosing, evaluated] = [await gatherAll(others.choosing), await gatherAll(others.evaluated)];
  const width = own.inputs.length / pool.count;
  const inputs = new Float32Array((others.choosing.count + others.evaluated.count) * width);
  inputs.set(choosing.inputs);
  inputs.set(evaluated.inputs, choosing.inputs.length);
  const scorer = await openPartScorer({ ...own, count: pool.count }, inputs, EVEN_WEIGHTING, options);
  const first = { choosing: 0, evaluated: others.choosing.count };
  return {
    pool,
    async score(part, ridge, on) {
      const { count, classes, targets } = others[on];
      const rows = Array.from({ length: count }, (_, row) => first[on] + row);
      const logits = await scorer.score(part, ridge, rows);
      return taskScore({ task: options.task, count, classes, logits, targets });
    },
  };
}

function gatherAll(examples: Examples): ReturnType<Examples['gather']> {
  return examples.gather(everyRow(examples));
}

/** Sizes of the parts, each half of the next, in ascending order. */
function sizesFor({ count, classes }: Examples): number[] {
  const sizes: number[] = [];
  for (let size = Math.min(count, MOST_IMAGES); size >= Math.max(FEWEST_IMAGES, 2 * classes); size = Math.floor(size / 2))
    if (sizes.push(size) === MOST_SIZES) break;
  return sizes.reverse();
}

/** Rows in an order whose beginnings all have the shares of the classes. */
function proportionalOrder({ count, classes, targets }: Examples, seed: number, head: number): number[] {
  const seen = new Map<number, number>();
  const ranked = randomStream(seed, 'report', 'sizes', head)
    .shuffle(Array.from({ length: count }, (_, row) => row))
    .map((row) => {
      const of = targets.subarray(row * classes, (row + 1) * classes).indexOf(1);
      const rank = seen.get(of) ?? 0;
      seen.set(of, rank + 1);
      return { row, of, rank };
    });
  const key = ({ of, rank }: { readonly of: number; readonly rank: number }) => (rank + 0.5) / (seen.get(of) ?? 1);
  return ranked.sort((a, b) => key(a) - key(b) || a.row - b.row).map(({ row }) => row);
}

function sampleOf(examples: Examples, most: number, seed: number): Examples {
  if (examples.count <= most) return examples;
  return subsetOf(examples, randomStream(seed, 'report', 'evaluated').shuffle(everyRow(examples)).slice(0, most));
}

async function bestRidge(score: (ridge: number) => Promise<number>): Promise<number> {
  let best = { ridge: 0.1, score: 0 };
  for (const ridge of RIDGES) {
    const found = await score(ridge);
    if (found > best.score) best = { ridge, score: found };
  }
  return best.ridge;
}
