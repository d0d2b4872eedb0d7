import { at, at32 } from '../../arithmetic.ts';
import { type Computation, openComputation } from '../../onnx/computation.ts';
import type { Shape } from '../../onnx/graph-value.ts';
import { factorizePacked } from './cholesky.ts';
import { packRidge } from './kernel.ts';
import { type Matrix, matrixInput, multiply } from './matrix-products.ts';

/** Most steps of one fit; with acceleration, a few dozen reach the tolerance. */
const MOST_STEPS = 80;
/** Steps of one run of the graph, after which the fit may have converged: a run of one step costs more than the step. */
const STEPS_OF_RUN = 5;
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
  const computation = await openSteps(subsets, classes);
  /** Maps coefficients to logits. */
  const forward = { rows: count, values: new Float32Array(kernel.map((value, i) => value * at(roots, i % count))) };
  const fixed = {
    forward: matrixInput(forward),
    targets: { data: targets, dims: [count, 1, classes] },
    counts: { data: countsOf(roots, leftOut), dims: [count, subsets, 1] },
  };
  const coefficients = (values: Float32Array) => ({ data: values, dims: [count, subsets * classes] });
  let solution: Float32Array = new Float32Array(count * subsets * classes);

  return {
    async fit(ridge) {
      const inverse = matrixInput(await invertMajorizer(kernel, roots, ridge, yieldToEventLoop));
      const pushes = nesterovPushes();
      let point = solution;
      for (let steps = 0; steps < MOST_STEPS; steps += STEPS_OF_RUN) {
        const ofRun = Float32Array.from({ length: STEPS_OF_RUN }, () => pushes.next().value);
        const { next, ahead, change } = await computation.run(
          new Map(
            Object.entries({
              ...fixed,
              inverse,
              point: coefficients(point),
              before: coefficients(solution),
              ridge: { data: Float32Array.of(ridge), dims: [] },
              pushes: { data: ofRun, dims: [STEPS_OF_RUN] },
            }),
          ),
        );
        [point, solution] = [ahead, next];
        if (at32(change, 0) < TOLERANCE) break;
      }
      const logits = await multiply(forward, { values: solution, rows: count });
      await yieldToEventLoop();
      return { logits, dual: solution.map((value, i) => value * at(roots, Math.floor(i / (subsets * classes)))) };
    },
    close: () => computation.close(),
  };
}

/** By how much of a step's move the next step starts further on: Nesterov's momentum (1983). */
function* nesterovPushes(): Generator<number, never> {
  for (let momentum = 1; ; ) {
    const next = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
    yield (momentum - 1) / next;
    momentum = next;
  }
}

/**
 * Opens some steps: the first starts from `point`, and follows the solution `before`. `next` is the solution of the
 * last step. `ahead` is that solution, moved on in the same direction, from which the following step starts; `change`
 * is the largest change of a coefficient in the last step, as a share of the largest coefficient.
 */
function openSteps(subsets: number, classes: number): Promise<Computation<'next' | 'ahead' | 'change'>> {
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
    pushes: [STEPS_OF_RUN],
  };
  return openComputation(inputs, (graph, { forward, inverse, targets, counts, point, before, ridge, pushes }) => {
    const step = (ahead: string, last: string, index: number) => {
      const logits = graph.add('Reshape', [graph.add('MatMul', [forward, ahead]), graph.integers([-1, subsets, classes])]);
      const error = graph.add('Sub', [targets, graph.add('Softmax', [logits], { axis: -1 })]);
      const residual = graph.add('Reshape', [graph.add('Mul', [counts, error]), graph.integers([-1, subsets * classes])]);
      const descent = graph.add('Sub', [residual, graph.add('Mul', [ahead, ridge])]);
      const next = graph.add('Add', [ahead, graph.add('MatMul', [inverse, descent])]);
      const move = graph.add('Sub', [next, last]);
      const push = graph.add('Gather', [pushes, graph.integers([index])]);
      return { next, move, ahead: graph.add('Add', [next, graph.add('Mul', [move, push])]) };
    };
    let state = step(point, before, 0);
    for (let index = 1; index < STEPS_OF_RUN; index++) state = step(state.ahead, state.next, index);
    const { next, move, ahead } = state;
    const largest = (value: string) => graph.add('ReduceMax', [graph.add('Abs', [value])], { keepdims: 0 });
    const change = graph.add('Div', [largest(move), graph.add('Add', [largest(next), graph.floats([1e-12])])]);
    return { next, ahead, change };
  });
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
  const scaled = roots.map((root) => root * Math.sqrt(CURVATURE));
  const factor = await factorizePacked(packRidge(kernel, scaled, ridge), count, yieldToEventLoop);
  return { values: Float32Array.from(await factor.invert()), rows: count };
}
