import { setImmediate as nextTurn } from 'node:timers/promises';
import { argMax } from '../arithmetic.ts';
import { closeOnFailure } from '../close-on-failure.ts';
import { noveltyThreshold } from '../contracts/novelty.ts';
import type { PrecisionCheck } from '../contracts/precision.ts';
import type { ServedCard } from '../contracts/served-card.ts';
import { runServed } from '../inference/run-served.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import { openSession } from '../onnx/session.ts';
import { randomStream } from '../random.ts';
import { mcnemarDifference } from '../reports/statistics/mcnemar.ts';
import { percentile } from '../reports/statistics/percentile.ts';
import { meanAveragePrecision } from '../training/metrics/mean-average-precision.ts';
import type { PrecisionImages } from './precision-images.ts';

type Comparison = Omit<PrecisionCheck, 'precision' | 'maxLoss' | 'layers' | 'floatLayers' | 'floatOperators'>;

/** Probabilities [images, labels] and novelty scores [images] of a model. */
interface Outputs {
  readonly probabilities: Float32Array;
  readonly novelties: Float32Array;
}

interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets the number of images that both models have predicted. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Compares a model with the float32 model that it was made from, on the test images.
 * @param after the bytes of the model with less precision
 * @throws the signal's reason; DataError ONNX_UNREADABLE
 */
export async function checkPrecision(
  before: Uint8Array,
  after: Uint8Array,
  card: ServedCard,
  { test, targets, testCount }: PrecisionImages,
  { signal, onProgress }: CheckOptions = {},
): Promise<Comparison> {
  const base = await openSession(before);
  const sessions = [base, await closeOnFailure(base, () => openSession(after))] as const;
  const count = testCount;
  const classes = card.labels.length;
  const empty = (): Outputs => ({ probabilities: new Float32Array(count * classes), novelties: new Float32Array(count) });
  const [first, second] = [empty(), empty()];
  let row = 0;
  try {
    for await (const image of test) {
      await predictRow(sessions[0], image, card, row, first);
      await predictRow(sessions[1], image, card, row, second);
      row++;
      onProgress?.(row);
    }
  } finally {
    for (const session of sessions) await session.close();
  }
  const threshold = noveltyThreshold(card.novelty);
  const rows = Array.from({ length: count }, (_, i) => i);
  const share = (isSame: (row: number) => boolean) => rows.filter(isSame).length / count;
  const known = ({ novelties }: Outputs, image: number) => (novelties[image] ?? 0) <= (threshold ?? 0);
  return {
    ...(card.task === 'multi-label'
      ? await compareExportPrecisions(first, second, { targets, classes }, signal)
      : compareAccuracies(first, second, targets, classes)),
    images: count,
    sameLabel: share((image) => topLabel(first, image, classes) === topLabel(second, image, classes)),
    ...(threshold !== undefined && { sameKnown: share((image) => known(first, image) === known(second, image)) }),
    size: after.length,
  };
}

async function predictRow(
  session: OnnxSession,
  image: Float32Array,
  card: ServedCard,
  row: number,
  into: Outputs,
): Promise<void> {
  const { probabilities, novelties = [] } = await runServed(session, card, [image]);
  into.probabilities.set(probabilities, row * card.labels.length);
  into.novelties.set(novelties, row);
}

function topLabel({ probabilities }: Outputs, row: number, classes: number): number {
  return argMax(probabilities.subarray(row * classes, (row + 1) * classes));
}

type Loss = Pick<Comparison, 'metric' | 'before' | 'after' | 'loss' | 'interval'>;

function compareAccuracies(first: Outputs, second: Outputs, targets: Float32Array, classes: number): Loss {
  const count = targets.length / classes;
  const isRight = (outputs: Outputs) =>
    Array.from({ length: count }, (_, row) => targets[row * classes + topLabel(outputs, row, classes)] === 1);
  const [before, after] = [isRight(first), isRight(second)];
  const only = (right: readonly boolean[], wrong: readonly boolean[]) => right.filter((yes, i) => yes && !wrong[i]).length;
  const { value, low, high } = mcnemarDifference(only(before, after), only(after, before), count);
  const share = (right: readonly boolean[]) => right.filter(Boolean).length / count;
  return { metric: 'accuracy', before: share(before), after: share(after), loss: value, interval: { low, high } };
}

/** Numbers to sort in all replicates: about a second of work. */
const MOST_STEPS = 2e7;

/**
 * Compares mean average precisions, with the interval of a paired bootstrap.
 * @param targets [images, classes]
 * @throws the signal's reason
 */
export async function compareExportPrecisions(
  first: Outputs,
  second: Outputs,
  { targets, classes }: { readonly targets: Float32Array; readonly classes: number },
  signal?: AbortSignal,
): Promise<Loss> {
  const count = targets.length / classes;
  const of = ({ probabilities }: Outputs, rows: readonly number[]) => {
    const pick = (values: Float32Array) =>
      Float32Array.from(
        { length: rows.length * classes },
        (_, i) => values[(rows[Math.floor(i / classes)] ?? 0) * classes + (i % classes)] ?? 0,
      );
    // Average precision only needs the order, which probabilities and logits share.
    const picked = {
      task: 'multi-label',
      count: rows.length,
      classes,
      logits: pick(probabilities),
      targets: pick(targets),
    } as const;
    // Without a label in these images, neither model can lose precision.
    return meanAveragePrecision(picked) ?? 0;
  };
  const all = Array.from({ length: count }, (_, row) => row);
  const [before, after] = [of(first, all), of(second, all)];
  const random = randomStream(0, 'precision-check');
  const replicates = Math.min(1000, Math.max(100, Math.floor(MOST_STEPS / (count * classes))));
  const losses: number[] = [];
  while (losses.length < replicates) {
    // Of many images and labels, all replicates take longer than the lease of a job, which a timer renews.
    await nextTurn();
    signal?.throwIfAborted();
    const rows = all.map(() => random.integer(count));
    losses.push(of(first, rows) - of(second, rows));
  }
  losses.sort((a, b) => a - b);
  const interval = { low: percentile(losses, 0.025), high: percentile(losses, 0.975) };
  return { metric: 'meanAveragePrecision', before, after, loss: before - after, interval };
}
