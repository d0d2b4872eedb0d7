/** What a linear classifier makes of features, judged on images that it was not fitted to, without fitting it more than once. */
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';

/** Strengths of the ridge, in units of the features' mean squared length: from nearly none to strong. */
const RIDGES = [0.0003, 0.003, 0.03];

export interface ProbeExamples {
  /** [count, size], row after row. */
  readonly features: Float32Array;
  /** [count, classes]: one-hot, or multi-hot for multi-label. */
  readonly targets: Float32Array;
  readonly count: number;
  readonly classes: number;
  readonly task: LabelledLogits['task'];
}

/**
 * Leave-one-out predictions of a ridge classifier. Those have a closed form (Allen's PRESS; Rasmussen & Williams, Gaussian Processes for
 * Machine Learning, 5.4.2), so that one inverse of a [count, count] matrix does the work of `count` fits. The ridge with the least
 * leave-one-out error is taken.
 * @returns for each example, what the classifier that was fitted to all others says: scores, not probabilities
 */
export function probeLinearly({ features, targets, count, classes, task }: ProbeExamples): LabelledLogits {
  const kernel = gramMatrix(features, count);
  const wanted = Float64Array.from(targets, (target) => target - 1 / classes);
  let best: LeftOut = { error: Number.POSITIVE_INFINITY, logits: new Float32Array(count * classes) };
  for (const ridge of RIDGES) {
    const left = leaveOneOut(kernel, wanted, { count, classes, ridge });
    if (left.error < best.error) best = left;
  }
  return { task, count, classes, logits: best.logits, targets };
}

/**
 * Products of the rows with each other, [count, count], scaled to a mean diagonal of 1, and 1 for the intercept. The features are not
 * centred: a mean over all rows would tell each classifier of the one that it must not know.
 */
function gramMatrix(features: Float32Array, count: number): Float64Array {
  const size = features.length / count;
  const gram = new Float64Array(count * count);
  let trace = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0, a = i * size, b = j * size; k < size; k++) sum += at(features, a + k) * at(features, b + k);
      gram[i * count + j] = sum;
      gram[j * count + i] = sum;
      if (i === j) trace += sum;
    }
  }
  const scale = trace > 0 ? count / trace : 1;
  return gram.map((value) => value * scale + 1);
}

/** What classifiers say of the one example that each was not fitted to. */
interface LeftOut {
  readonly error: number;
  readonly logits: Float32Array;
}

/** @param wanted [count, classes] @returns predictions, and their summed squared error */
function leaveOneOut(
  kernel: Float64Array,
  wanted: Float64Array,
  { count, classes, ridge }: { readonly count: number; readonly classes: number; readonly ridge: number },
): LeftOut {
  const inverse = invert(kernel, count, ridge);
  const logits = new Float32Array(count * classes);
  let error = 0;
  for (let i = 0; i < count; i++) {
    const own = at(inverse, i * count + i);
    for (let c = 0; c < classes; c++) {
      let weight = 0;
      for (let j = 0; j < count; j++) weight += at(inverse, i * count + j) * at(wanted, j * classes + c);
      const residual = weight / own;
      logits[i * classes + c] = at(wanted, i * classes + c) - residual;
      error += residual ** 2;
    }
  }
  return { error, logits };
}

/** The inverse of kernel + ridge * I, which is symmetric and positive definite, through its Cholesky factor. */
function invert(kernel: Float64Array, count: number, ridge: number): Float64Array {
  const factor = choleskyInverse(kernel, count, ridge);
  const inverse = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < count; k++) sum += at(factor, k * count + i) * at(factor, k * count + j);
      inverse[i * count + j] = sum;
      inverse[j * count + i] = sum;
    }
  }
  return inverse;
}

/** The inverse of the lower Cholesky factor. */
function choleskyInverse(kernel: Float64Array, count: number, ridge: number): Float64Array {
  const lower = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(kernel, i * count + j) + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) sum -= at(lower, i * count + k) * at(lower, j * count + k);
      lower[i * count + j] = i === j ? Math.sqrt(sum) : sum / at(lower, j * count + j);
    }
  }
  const inverse = new Float64Array(count * count);
  for (let j = 0; j < count; j++) {
    inverse[j * count + j] = 1 / at(lower, j * count + j);
    for (let i = j + 1; i < count; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= at(lower, i * count + k) * at(inverse, k * count + j);
      inverse[i * count + j] = sum / at(lower, i * count + i);
    }
  }
  return inverse;
}

/** Indices here are within bounds by construction. */
function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? 0;
}
