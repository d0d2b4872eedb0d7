import { at, at32 } from '../../arithmetic.ts';
import { type Computation, openComputation } from '../../onnx/computation.ts';
import type { Shape } from '../../onnx/graph-value.ts';
import { addToDiagonal, factorize, invertFactor, scaleBothSides } from './linear-algebra.ts';
import { type Matrix, multiply, tensorOf } from './matrix-products.ts';

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
  close(): Promise<void>;
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
export async function openKernelLogistic(problem: KernelLogisticProblem): Promise<KernelLogistic> {
  const { kernel, targets, weights, leftOut, yieldToEventLoop } = problem;
  const count = weights.length;
  const classes = targets.length / count;
  const subsets = leftOut.length;
  const roots = weights.map(Math.sqrt);
  const computation = await openStep(subsets, classes);
  /** Maps coefficients to logits. */
  const forward = { rows: count, values: Float32Array.from(kernel, (value, i) => value * at(roots, i % count)) };
  const fixed = {
    forward: tensorOf(forward),
    targets: { data: targets, dims: [count, 1, classes] },
    counts: { data: countsOf(roots, leftOut), dims: [count, subsets, 1] },
  };
  const coefficients = (values: Float32Array) => ({ data: values, dims: [count, subsets * classes] });
  let solution: Float32Array = new Float32Array(count * subsets * classes);

  return {
    async fit(ridge) {
      const inverse = tensorOf(await invertMajorizer(kernel, roots, ridge, yieldToEventLoop));
      let point = solution;
      let momentum = 1;
      for (let steps = 1; steps <= MOST_STEPS; steps++) {
        const nextMomentum = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
        const { next, ahead, change } = await computation.run(
          new Map(
            Object.entries({
              ...fixed,
              inverse,
              point: coefficients(point),
              before: coefficients(solution),
              ridge: scalar(ridge),
              push: scalar((momentum - 1) / nextMomentum),
            }),
          ),
        );
        [point, solution, momentum] = [ahead, next, nextMomentum];
        if (steps % STEPS_BETWEEN_CHECKS === 0 && at32(change, 0) < TOLERANCE) break;
      }
      const logits = await multiply(forward, { values: solution, rows: count });
      await yieldToEventLoop();
      return { logits, dual: solution.map((value, i) => value * at(roots, Math.floor(i / (subsets * classes)))) };
    },
    close: () => computation.close(),
  };
}

/**
 * A step from `point`, the next solution. `ahead` is that solution, moved on in the same direction, from which the next
 * step starts; `change` is the largest change of a coefficient, as a share of the largest coefficient.
 */
function openStep(subsets: number, classes: number): Promise<Computation<'next' | 'ahead' | 'change'>> {
  const square: Shape = [null, null];
  const coefficients: Shape = [null, subsets * classes];
  const inputs = {
    forward: square,
    inverse: square,
    targets: [null, 1, classes],
    counts: [null, subsets, 1],
    point: coefficients,
    before: coefficients,
    ridge: [],
    push: [],
  };
  return openComputation(inputs, (graph, { forward, inverse, targets, counts, point, before, ridge, push }) => {
    const logits = graph.add('Reshape', [graph.add('MatMul', [forward, point]), graph.integers([-1, subsets, classes])]);
    const error = graph.add('Sub', [targets, graph.add('Softmax', [logits], { axis: -1 })]);
    const residual = graph.add('Reshape', [graph.add('Mul', [counts, error]), graph.integers([-1, subsets * classes])]);
    const descent = graph.add('Sub', [residual, graph.add('Mul', [point, ridge])]);
    const next = graph.add('Add', [point, graph.add('MatMul', [inverse, descent])]);
    const move = graph.add('Sub', [next, before]);
    const largest = (value: string) => graph.add('ReduceMax', [graph.add('Abs', [value])], { keepdims: 0 });
    return {
      next,
      ahead: graph.add('Add', [next, graph.add('Mul', [move, push])]),
      change: graph.add('Div', [largest(move), graph.add('Add', [largest(next), graph.floats([1e-12])])]),
    };
  });
}

function scalar(value: number) {
  return { data: Float32Array.of(value), dims: [] };
}

/** For each row and subset: the root of the row's weight, 0 if the subset leaves it out; [rows, subsets]. */
function countsOf(roots: Float64Array, leftOut: readonly (readonly number[])[]): Float32Array {
  const subsets = leftOut.length;
  const counts = Float32Array.from({ length: roots.length * subsets }, (_, i) => at(roots, Math.floor(i / subsets)));
  for (const [subset, rows] of leftOut.entries()) for (const row of rows) counts[row * subsets + subset] = 0;
  return counts;
}

/** The inverse of the majorizer's curvature, [count, count]: a step need not be exact, so float32 is enough. */
async function invertMajorizer(
  kernel: Float64Array,
  roots: Float64Array,
  ridge: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<Matrix> {
  const count = roots.length;
  const matrix = scaleBothSides(kernel, roots).map((value) => CURVATURE * value);
  addToDiagonal(matrix, count, ridge);
  await factorize(matrix, count, yieldToEventLoop);
  const factor = { values: Float32Array.from(await invertFactor(matrix, count, yieldToEventLoop)), rows: count };
  return { values: await multiply(factor, factor, 'first'), rows: count };
}
