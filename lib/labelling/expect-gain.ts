import { argMax, mean, sampleDeviation } from '../arithmetic.ts';
import { randomStream } from '../random.ts';
import type { FeatureSpace } from './feature-space.ts';
import { fitLabelled } from './fit-labelled.ts';
import type { Labelled } from './ridge.ts';

/** With fewer labels, halves of them say nothing about more. */
const FEWEST = 40;
/** With more labels, two further fits take too long for a page that waits for them. */
const MOST = 500;
/** Standard errors by which all labels must be better than half of them: the one-sided 95th percentile. */
const CERTAIN = 1.645;

/** What further labels would bring. */
export interface ExpectedGain {
  /** Further labels. */
  readonly labels: number;
  /** Gain in accuracy, 0..1. */
  readonly accuracy: number;
}

/**
 * Expects what twice as many labels would bring. It compares, on the same images, the fit to all other images with the fit
 * to the random half that leaves the image out, and continues the error's fall as a power of the number of labels.
 * @param leftOutCorrect of the fit to all labels
 * @returns undefined if labels are few or very many, or all are not certainly better than half of them
 */
export async function expectGain(
  space: FeatureSpace,
  labelled: Labelled,
  leftOutCorrect: readonly boolean[],
): Promise<ExpectedGain | undefined> {
  const { rows, labels, classes } = labelled;
  if (rows.length < FEWEST || rows.length > MOST) return undefined;
  const gains = new Float64Array(rows.length);
  const order = randomStream(0, 'halves', rows.length).shuffle([...rows.keys()]);
  const middle = order.length >> 1;
  for (const [fitted, tested] of [
    [order.slice(0, middle), order.slice(middle)],
    [order.slice(middle), order.slice(0, middle)],
  ] as const) {
    const half = { rows: fitted.flatMap((i) => rows[i] ?? []), labels: fitted.flatMap((i) => labels[i] ?? []), classes };
    const { probabilities } = await fitLabelled(space, half);
    for (const i of tested) {
      const isCorrect = argMax(probabilities, (rows[i] ?? 0) * classes, classes) === labels[i];
      gains[i] = Number(leftOutCorrect[i] === true) - Number(isCorrect);
    }
  }
  const gain = mean(gains);
  const error = mean(leftOutCorrect.map((isCorrect) => Number(!isCorrect)));
  if (gain <= (CERTAIN * sampleDeviation(gains)) / Math.sqrt(gains.length)) return undefined;
  return { labels: rows.length, accuracy: error * (1 - error / (error + gain)) };
}
