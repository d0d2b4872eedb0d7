import * as tf from '@tensorflow/tfjs-core';
import { addToDiagonal, factorize, invertFactor, scaleBothSides } from './linear-algebra.ts';

/** Most steps of one fit; with acceleration, a few dozen reach the tolerance. */
const MOST_STEPS = 80;
/** Steps between two convergence checks. */
const STEPS_BETWEEN_CHECKS = 5;
/** The largest change of a coefficient that ends a fit, as a share of the largest coefficient. */
const TOLERANCE = 1e-3;
/** An upper bound of the curvature of the softmax cross-entropy (Böhning, 1992), so that no step overshoots. */
const CURVATURE = 0.5;

/** A multinomial logistic regression on a kernel, once for each of several subsets of the rows. */
export interface KernelLogisticProblem {
  /** [count, count], with the intercept's 1. */
  readonly kernel: Float64Array;
  /** float32 [count, classes]: one-hot. */
  readonly targets: Float32Array;
  /** [count]: weight of each row. */
  readonly weights: Float64Array;
  /** For each subset the rows that it leaves out; one empty list fits all rows. */
  readonly leftOut: readonly (readonly number[])[];
  readonly yieldToEventLoop: () => Promise<void>;
}

/** Fits a problem for one strength after another. */
export interface KernelLogistic {
  /**
   * Minimizes the weighted cross-entropy plus `ridge / 2` times the squared norm of the function, starting from the
   * last fit's solution.
   * @param ridge above 0
   */
  fit(ridge: number): Promise<KernelLogisticFit>;
  close(): void;
}

export interface KernelLogisticFit {
  /** [count, subsets * classes]: a row's logits of each subset, whether the subset has the row or not. */
  readonly logits: Float32Array;
  /** [count, subsets * classes]: logits of a new row are its kernel with all rows times these. */
  readonly dual: Float32Array;
}

/**
 * Opens a kernel logistic regression, fitted by majorization: each step solves a ridge regression whose curvature
 * bounds that of the cross-entropy, so one Cholesky factor serves all steps and all subsets. Nesterov's momentum
 * reduces the number of steps.
 */
export function openKernelLogistic(problem: KernelLogisticProblem): KernelLogistic {
  const { kernel, targets, weights, leftOut, yieldToEventLoop } = problem;
  const count = weights.length;
  const classes = targets.length / count;
  const subsets = leftOut.length;
  const roots = weights.map(Math.sqrt);
  const mask = new Float32Array(count * subsets).fill(1);
  for (const [subset, rows] of leftOut.entries()) for (const row of rows) mask[row * subsets + subset] = 0;
  const fixed = tf.tidy(() => {
    const root = tf.tensor2d(Float32Array.from(roots), [count, 1]);
    const products = tf.tensor2d(Float32Array.from(kernel), [count, count]);
    return {
      /** Maps coefficients to logits. */
      forward: tf.mul<tf.Tensor2D>(products, tf.transpose(root)),
      targets: tf.tensor3d(targets, [count, 1, classes]),
      /** For each row and subset: the root of the row's weight, 0 if it is left out. */
      counts: tf.mul<tf.Tensor3D>(tf.reshape(root, [count, 1, 1]), tf.tensor3d(mask, [count, subsets, 1])),
    };
  });
  let solution = tf.zeros<tf.Rank.R2>([count, subsets * classes]);

  function step(point: tf.Tensor2D, inverse: tf.Tensor2D, ridge: number): tf.Tensor2D {
    const logits = tf.reshape<tf.Rank.R3>(tf.matMul(fixed.forward, point), [count, subsets, classes]);
    const residual = tf.mul(fixed.counts, tf.sub(fixed.targets, tf.softmax(logits)));
    const descent = tf.sub<tf.Tensor2D>(tf.reshape(residual, [count, subsets * classes]), tf.mul(point, ridge));
    return tf.add(point, tf.matMul(inverse, descent));
  }

  return {
    async fit(ridge) {
      const inverse = await invertMajorizer(kernel, roots, ridge, yieldToEventLoop);
      let point = tf.clone(solution);
      let momentum = 1;
      for (let steps = 1; steps <= MOST_STEPS; steps++) {
        const next = tf.tidy(() => step(point, inverse, ridge));
        const nextMomentum = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
        const push = (momentum - 1) / nextMomentum;
        const ahead = tf.tidy(() => tf.add<tf.Tensor2D>(next, tf.mul(tf.sub(next, solution), push)));
        const done = steps % STEPS_BETWEEN_CHECKS === 0 && hasConverged(solution, next);
        tf.dispose([point, solution]);
        [point, solution, momentum] = [ahead, next, nextMomentum];
        if (done) break;
      }
      const result = tf.tidy(() => ({
        logits: tf.matMul(fixed.forward, solution),
        dual: tf.mul(solution, tf.tensor2d(Float32Array.from(roots), [count, 1])),
      }));
      const fit = { logits: await result.logits.data<'float32'>(), dual: await result.dual.data<'float32'>() };
      tf.dispose([point, inverse, result.logits, result.dual]);
      await yieldToEventLoop();
      return fit;
    },
    close() {
      tf.dispose([...Object.values(fixed), solution]);
    },
  };
}

function hasConverged(before: tf.Tensor2D, after: tf.Tensor2D): boolean {
  const ratio = tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(after, before))), tf.add(tf.max(tf.abs(after)), 1e-12)));
  const [value = 0] = ratio.dataSync();
  ratio.dispose();
  return value < TOLERANCE;
}

/** The inverse of the majorizer's curvature, [count, count]: a step need not be exact, so float32 is enough. */
async function invertMajorizer(
  kernel: Float64Array,
  roots: Float64Array,
  ridge: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<tf.Tensor2D> {
  const count = roots.length;
  const matrix = scaleBothSides(kernel, roots).map((value) => CURVATURE * value);
  addToDiagonal(matrix, count, ridge);
  await factorize(matrix, count, yieldToEventLoop);
  const inverse = await invertFactor(matrix, count, yieldToEventLoop);
  return tf.tidy(() => {
    const factor = tf.tensor2d(Float32Array.from(inverse), [count, count]);
    return tf.matMul(factor, factor, true, false);
  });
}
