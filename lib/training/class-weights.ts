import type { Batch } from './examples.ts';
import type { Task } from './losses/loss.ts';

/** How much each class counts in the loss. Single-label: `present` of the example's class. Multi-label: one of the two, a label. */
export interface ClassWeights {
  readonly task: Task;
  /** [classes] */
  readonly present: readonly number[];
  /** [classes] */
  readonly absent: readonly number[];
}

/** Weights of the terms of a loss: [n, columns]. */
export interface TermWeights {
  readonly values: Float32Array;
  readonly columns: number;
}

/**
 * Weights with which every class (multi-label: presence and absence of every label) has the same sum, and all examples
 * together the sum `count`: scikit-learn's "balanced". A class without examples has none to weigh.
 */
export function balancedWeights(task: Task, classCounts: readonly number[], count: number): ClassWeights {
  const groups = task === 'single-label' ? classCounts.filter((examples) => examples > 0).length : 2;
  const weight = (examples: number): number => (examples === 0 ? 0 : count / (groups * examples));
  return { task, present: classCounts.map(weight), absent: classCounts.map((examples) => weight(count - examples)) };
}

/** How much each term of a batch's loss counts, or undefined where all count the same. */
export function termWeights(batch: Batch, classes: number, classWeights: ClassWeights | undefined): TermWeights | undefined {
  const { targets, weights } = batch;
  if (classWeights === undefined) return weights && { values: weights, columns: 1 };
  const { task, present, absent } = classWeights;
  const perTarget = targets.map((target, i) => {
    const of = i % classes;
    return target * (present[of] ?? 0) + (task === 'multi-label' ? (1 - target) * (absent[of] ?? 0) : 0);
  });
  const columns = task === 'multi-label' ? classes : 1;
  const values = columns === 1 ? sumRows(perTarget, classes) : perTarget;
  return {
    values: weights === undefined ? values : values.map((value, i) => value * (weights[Math.floor(i / columns)] ?? 1)),
    columns,
  };
}

function sumRows(values: Float32Array, columns: number): Float32Array {
  return Float32Array.from({ length: values.length / columns }, (_, row) =>
    values.subarray(row * columns, (row + 1) * columns).reduce((sum, value) => sum + value, 0),
  );
}
