import { SpecError } from '../errors.ts';
import type { Batch, Examples } from './examples.ts';
import type { Task } from './losses/loss.ts';

/** The weight of each class in the loss, [classes]. Single-label: `present` of the example's class. */
export interface ClassWeights {
  readonly task: Task;
  /** For an example that has the class. */
  readonly present: readonly number[];
  /** For an example that does not have it; for multi-label only. */
  readonly absent: readonly number[];
}

/** Weights of the terms of a batch's loss: [n, columns]. */
export interface TermWeights {
  readonly values: Float32Array;
  readonly columns: number;
}

/**
 * Returns the class weights of a training spec.
 * @throws SpecError CLASS_WEIGHT_LABEL if a weight names a label that the data set does not have
 */
export function classWeightsFor(
  spec: 'none' | 'balanced' | Readonly<Record<string, number>>,
  { task, examples, labels }: { readonly task: Task; readonly examples: Examples; readonly labels: readonly string[] },
): ClassWeights | undefined {
  if (spec === 'none') return undefined;
  if (spec === 'balanced') return balancedWeights(task, examples);
  for (const label of Object.keys(spec)) {
    if (labels.includes(label)) continue;
    throw new SpecError('CLASS_WEIGHT_LABEL', {
      at: `training.classWeights.${label}`,
      expected: `a label of the data set: ${labels.join(', ')}`,
      received: label,
      fix: 'name a label of the data set, or leave this weight out',
    });
  }
  const weights = new Map(Object.entries(spec));
  return { task, present: labels.map((label) => weights.get(label) ?? 1), absent: labels.map(() => 1) };
}

/**
 * Weights that give all classes (multi-label: presence and absence of each label) the same sum, and all examples
 * together the sum `count`: scikit-learn's "balanced". A class without examples gets no weight.
 */
export function balancedWeights(task: Task, { classCounts, count }: Pick<Examples, 'classCounts' | 'count'>): ClassWeights {
  const groups = task === 'single-label' ? classCounts.filter((examples) => examples > 0).length : 2;
  const weight = (examples: number): number => (examples === 0 ? 0 : count / (groups * examples));
  return { task, present: classCounts.map(weight), absent: classCounts.map((examples) => weight(count - examples)) };
}

/** Returns the weight of each term of a batch's loss, or undefined if all weights are equal. */
export function termWeights({ targets, weights }: Batch, classWeights: ClassWeights | undefined): TermWeights | undefined {
  if (classWeights === undefined) return weights && { values: weights, columns: 1 };
  const { task, present, absent } = classWeights;
  const classes = present.length;
  const weightOf = (i: number): number => {
    const target = targets[i] ?? 0;
    return target * (present[i % classes] ?? 1) + (1 - target) * (task === 'multi-label' ? (absent[i % classes] ?? 1) : 0);
  };
  const exampleWeight = (row: number): number => weights?.[row] ?? 1;
  if (task === 'multi-label') {
    return { values: targets.map((_, i) => weightOf(i) * exampleWeight(Math.floor(i / classes))), columns: classes };
  }
  const values = new Float32Array(targets.length / classes);
  for (let i = 0; i < targets.length; i++) {
    const row = Math.floor(i / classes);
    values[row] = (values[row] ?? 0) + weightOf(i) * exampleWeight(row);
  }
  return { values, columns: 1 };
}
