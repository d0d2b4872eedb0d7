/** Scores a linear classifier on images that it was not fitted to, with a single fit. */
import { sum } from '../arithmetic.ts';
import { jointResiduals } from '../training/closed-form/joint-residuals.ts';
import { dot, factorizeRow, inverseDiagonal, substitute } from '../training/closed-form/linear-algebra.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';

/** Strengths of the ridge, in units of the features' mean squared length: from nearly none to strong. */
const RIDGES = [0.0003, 0.003, 0.03];

export interface ProbeExamples {
  /** [count, size], row-major. */
  readonly features: Float32Array;
  /** [count, classes]: one-hot, or multi-hot for multi-label. */
  readonly targets: Float32Array;
  readonly count: number;
  readonly classes: number;
  readonly task: LabelledLogits['task'];
  /** Rows of related images, such as frames of one video: each is scored by the classifier that left all of them out. */
  readonly related?: readonly (readonly number[])[];
}

/**
 * Leave-one-out predictions of a ridge classifier. They have a closed form (Allen's PRESS; Rasmussen & Williams,
 * Gaussian Processes for Machine Learning, 5.4.2): one inverse of a [count, count] matrix replaces `count` fits. Uses
 * the ridge with the smallest leave-one-out error.
 * @returns for each example, the scores (not probabilities) of the classifier that was fitted to all unrelated examples
 */
export function probeLinearly({ features, targets, task, ...examples }: ProbeExamples): LabelledLogits {
  const { count, classes } = examples;
  const kernel = scaledKernel(features, count);
  const wanted = Float64Array.from(targets, (target) => target - 1 / classes);
  let best: LeftOut = { error: Number.POSITIVE_INFINITY, logits: new Float32Array(count * classes) };
  for (const ridge of RIDGES) {
    const left = leaveOneOut(kernel, wanted, { ...examples, ridge });
    if (left.error < best.error) best = left;
  }
  return { task, count, classes, logits: best.logits, targets };
}

/**
 * Products of all pairs of rows, [count, count], scaled to a mean diagonal of 1, plus 1 for the intercept. The features
 * are not centred: a mean over all rows would leak the left-out example into its classifier.
 */
function scaledKernel(features: Float32Array, count: number): Float64Array {
  const size = features.length / count;
  const rows = Float64Array.from(features);
  const kernel = new Float64Array(count * count);
  let trace = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(rows, rows, size, i * size, j * size);
      kernel[i * count + j] = product;
      kernel[j * count + i] = product;
      if (i === j) trace += product;
    }
  }
  const scale = trace > 0 ? count / trace : 1;
  return kernel.map((value) => value * scale + 1);
}

/** Predictions for the left-out example of each classifier. */
interface LeftOut {
  readonly error: number;
  readonly logits: Float32Array;
}

/** @param wanted [count, classes] @returns predictions, and their summed squared error */
function leaveOneOut(
  kernel: Float64Array,
  wanted: Float64Array,
  { count, classes, related = [], ridge }: Pick<ProbeExamples, 'count' | 'classes' | 'related'> & { readonly ridge: number },
): LeftOut {
  const factor = Float64Array.from(kernel);
  for (let row = 0; row < count; row++) {
    factor[row * (count + 1)] = (factor[row * (count + 1)] ?? 0) + ridge;
    factorizeRow(factor, count, row);
  }
  const dual = substitute(factor, wanted, classes);
  const own = inverseDiagonal(factor, count);
  const residuals = dual.map((weight, i) => weight / (own[Math.floor(i / classes)] ?? 1));
  for (const rows of related) {
    const size = rows.length;
    const units = new Float64Array(count * size);
    for (const [index, row] of rows.entries()) units[row * size + index] = 1;
    const columns = substitute(factor, units, size);
    const inverse = Float64Array.from(rows.flatMap((row) => [...columns.subarray(row * size, (row + 1) * size)]));
    const own = Float64Array.from(rows.flatMap((row) => [...dual.subarray(row * classes, (row + 1) * classes)]));
    const joint = jointResiduals(inverse, own, classes);
    for (const [index, row] of rows.entries()) {
      residuals.set(joint.subarray(index * classes, (index + 1) * classes), row * classes);
    }
  }
  return {
    error: sum(residuals.map((residual) => residual ** 2)),
    logits: Float32Array.from(wanted, (target, i) => target - (residuals[i] ?? 0)),
  };
}
