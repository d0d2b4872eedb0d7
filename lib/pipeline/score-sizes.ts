/** Scores of linear heads on some of the training images: how much more images would help. */
import { errorJson } from '../errors.ts';
import { randomStream } from '../random.ts';
import type { EvaluationFacts } from '../reports/measure/scored-images.ts';
import type { MixtureTerm } from '../training/closed-form/choose-mixture.ts';
import { fitClosedForm } from '../training/closed-form/fit-closed-form.ts';
import { applyHead, type LinearHead } from '../training/closed-form/linear-head.ts';
import { type Examples, everyRow, subsetOf } from '../training/examples.ts';
import type { Task } from '../training/losses/loss.ts';
import { taskScore } from '../training/metrics/task-score.ts';
import { closedFormOptions } from './closed-form-options.ts';
import type { TrainedNetwork } from './network.ts';
import type { TrainingContext } from './training-context.ts';

type SizeFacts = Pick<EvaluationFacts, 'sizes' | 'sizesOmitted'>;

/** The work grows with the third power of this number. */
const MOST_IMAGES = 1024;
const FEWEST_IMAGES = 16;
const MOST_SIZES = 5;
/** Heads on different images of a size; one on all images. */
const HEADS = 4;
/** Images to evaluate a head on, and multiplications for that. */
const MOST_EVALUATED = 2000;
const MOST_PRODUCTS = 5e7;
const FEWEST_EVALUATED = 20;
const RIDGES = [0.01, 0.1, 1];
/** With less time left, a job ends instead. */
const SECONDS_NEEDED = 60;

/**
 * Fits linear heads in closed form to random parts of the training images, each twice as large as the one before, and
 * scores them on the test images, or on the validation images without test images. The parts keep the shares of the
 * classes.
 * @returns the scores, or why there are none; a failure is a reason, too
 */
export async function scoreSizes({ examples, trunk }: TrainedNetwork, context: TrainingContext): Promise<SizeFacts> {
  const { job, jobContext, world } = context;
  const evaluated = examples.test.count > 0 ? examples.test : examples.validation;
  const { train } = examples;
  if (train.inputShape.length !== 1)
    return { sizesOmitted: 'The features at the cut are maps, and a linear head needs one vector for each image.' };
  if ((jobContext.secondsLeft?.() ?? SECONDS_NEEDED) < SECONDS_NEEDED)
    return { sizesOmitted: 'The job had no time left for it.' };
  const width = train.inputShape[0] ?? 0;
  const rows = Math.min(evaluated.count, MOST_EVALUATED, Math.floor(MOST_PRODUCTS / (width * train.classes)));
  const sizes = sizesFor(train);
  if (sizes.length < 2)
    return { sizesOmitted: `There are too few training images (${train.count}) for ${train.classes} classes.` };
  if (rows < FEWEST_EVALUATED) return { sizesOmitted: 'There are too few images, or too many classes, to evaluate heads.' };
  try {
    const options = closedFormOptions(trunk, context);
    const { blocks, task } = options;
    const seed = job.spec.training.seed;
    const score = async (some: Examples, ridge: number, on: Examples, most: number): Promise<number> => {
      const weighting = { share: blocks.length > 1 ? 0.5 : 0, withGrids: false };
      const term: MixtureTerm = { model: 'ridge', ...weighting, ridge, temperature: 1, weight: 1, loss: 0 };
      const weights = new Float64Array(some.count).fill(1);
      return scoreHead(await fitClosedForm(some, [term], { ...options, weights }), sampleOf(on, most, seed), task);
    };
    const orders = Array.from({ length: HEADS }, (_, head) => proportionalOrder(train, seed, head));
    const largest = sizes.at(-1) ?? train.count;
    const ridge = await bestRidge(async (one) =>
      examples.validation.count === 0
        ? 0
        : score(subsetOf(train, (orders[0] ?? []).slice(0, largest)), one, examples.validation, rows),
    );
    const points: { images: number; scores: number[] }[] = [];
    for (const images of sizes) {
      const scores: number[] = [];
      for (const order of images === train.count ? orders.slice(0, 1) : orders)
        scores.push(await score(subsetOf(train, order.slice(0, images)), ridge, evaluated, rows));
      points.push({ images, scores });
    }
    const metric = task === 'multi-label' ? 'mean average precision' : 'accuracy';
    return { sizes: { metric, evaluated: rows, available: train.count, points } };
  } catch (error) {
    jobContext.signal.throwIfAborted();
    world.log('report.sizes-failed', { job: job.id, error: errorJson(error) });
    return { sizesOmitted: 'The heads on parts of the training images could not be fitted.' };
  }
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

async function scoreHead(head: LinearHead, examples: Examples, task: Task): Promise<number> {
  const { count, classes } = examples;
  const { inputs, targets } = await examples.gather(everyRow(examples));
  return taskScore({ task, count, classes, logits: applyHead(head, inputs), targets });
}
