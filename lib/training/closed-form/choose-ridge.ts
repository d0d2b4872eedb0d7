import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { at } from '../../arithmetic.ts';
import type { Task } from '../losses/loss.ts';
import { jointResiduals } from './joint-residuals.ts';
import { scaleBothSides } from './linear-algebra.ts';
import { type CentredTargets, meanLossOfScores } from './scores.ts';

/** 0.001 to 5.6, four per decade. */
const RIDGES = Array.from({ length: 16 }, (_, step) => 10 ** (-3 + step / 4));
/** 1.4 to 64, two per octave. */
const TEMPERATURES = Array.from({ length: 12 }, (_, step) => 2 ** (0.5 + step / 2));

export interface RidgeChoice {
  readonly ridge: number;
  /** Factor that turns scores into logits. */
  readonly temperature: number;
  /** Mean loss of each row by the fit that left it, and all rows related to it, out. */
  readonly loss: number;
}

export interface RidgeChoiceProblem {
  readonly centred: CentredTargets;
  readonly targets: Float32Array;
  readonly weights: Float64Array;
  readonly task: Task;
  /** Rows of related images: each is scored by the fit that left all of them out. */
  readonly related: readonly (readonly number[])[];
  /** Called before each strength, which takes seconds with 10,000 classes. */
  readonly yieldToEventLoop: () => Promise<void>;
}

/**
 * Chooses the strength of a ridge regression by its leave-one-out likelihood, which has a closed form from one
 * eigendecomposition; related rows are left out together (Rasmussen & Williams, Gaussian Processes for Machine Learning, 5.4.2).
 * @param kernel [count, count], including the intercept's 1
 */
export async function chooseRidge(kernel: Float64Array, problem: RidgeChoiceProblem): Promise<RidgeChoice> {
  const { centred, weights, related, yieldToEventLoop } = problem;
  const count = weights.length;
  const classes = centred.centre.length;
  const roots = weights.map(Math.sqrt);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(count, count, scaleBothSides(kernel, roots)),
    {
      assumeSymmetric: true,
    },
  );
  const vectors = Float64Array.from(eigenvectorMatrix.to1DArray());
  const rotated = new Float64Array(count * classes);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < count; k++)
      for (let c = 0; c < classes; c++)
        rotated[k * classes + c] =
          at(rotated, k * classes + c) + at(vectors, row * count + k) * at(roots, row) * at(centred.values, row * classes + c);

  let best = { ridge: 0, temperature: 0, loss: Number.POSITIVE_INFINITY };
  for (const ridge of RIDGES) {
    await yieldToEventLoop();
    const scores = leftOut(ridge);
    for (const temperature of TEMPERATURES) {
      const loss = meanLossOfScores(scores, temperature, { ...problem, offset: centred.offset });
      if (loss < best.loss) best = { ridge, temperature, loss };
    }
  }
  return best;

  /** Returns the scores of each row by the fit to all other rows, [count, classes]. */
  function leftOut(ridge: number): Float64Array {
    const gains = Float64Array.from(realEigenvalues, (value) => 1 / (Math.max(0, value) + ridge));
    const scores = new Float64Array(count * classes);
    const dual = new Float64Array(classes);
    for (let row = 0; row < count; row++) {
      dual.fill(0);
      let own = 0;
      for (let k = 0; k < count; k++) {
        const component = at(vectors, row * count + k);
        const gained = component * at(gains, k);
        own += component * gained;
        for (let c = 0; c < classes; c++) dual[c] = at(dual, c) + gained * at(rotated, k * classes + c);
      }
      const root = at(roots, row);
      for (let c = 0; c < classes; c++)
        scores[row * classes + c] = at(centred.values, row * classes + c) - (root === 0 ? 0 : at(dual, c) / own / root);
    }
    for (const rows of related) {
      const joint = jointResiduals(...ofRows(rows, gains), classes);
      for (const [i, row] of rows.entries())
        for (let c = 0; c < classes; c++)
          scores[row * classes + c] = at(centred.values, row * classes + c) - at(joint, i * classes + c) / at(roots, row);
    }
    return scores;
  }

  /** Returns these rows and columns of the kernel's inverse, and these rows of that inverse times the targets. */
  function ofRows(rows: readonly number[], gains: Float64Array): [inverse: Float64Array, dual: Float64Array] {
    const inverse = new Float64Array(rows.length ** 2);
    const dual = new Float64Array(rows.length * classes);
    for (const [i, row] of rows.entries()) {
      for (let k = 0; k < count; k++) {
        const gained = at(vectors, row * count + k) * at(gains, k);
        for (const [other, column] of rows.entries()) {
          const index = i * rows.length + other;
          inverse[index] = at(inverse, index) + gained * at(vectors, column * count + k);
        }
        for (let c = 0; c < classes; c++)
          dual[i * classes + c] = at(dual, i * classes + c) + gained * at(rotated, k * classes + c);
      }
    }
    return [inverse, dual];
  }
}
