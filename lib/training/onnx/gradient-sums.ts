import type { NamedTensors } from '../../onnx/tensor-session.ts';

/** A variable that trains. */
interface SummedVariable {
  readonly name: string;
  readonly size: number;
  /** The sum of its gradients, which the optimizer reads and changes. */
  readonly gradient: Float32Array;
}

/** Sums the gradients of the parts of an update. */
export interface GradientSums {
  /**
   * The arrays into which the gradients of the next part are to be written, by variable. The first part of an update
   * writes into the sums themselves, so only an update of several parts needs arrays of its own for them.
   */
  next(): NamedTensors;
  /** Adds the arrays of `next`, after all of them were written. */
  add(): void;
  /** Begins another update. */
  clear(): void;
}

/**
 * Opens the sums of the gradients of variables.
 * @param dimsOf the dimensions of a gradient in the graph; default: one
 */
export function openGradientSums(
  variables: readonly SummedVariable[],
  dimsOf: (variable: string) => readonly number[] | undefined,
): GradientSums {
  const tensors = (arrayOf: (variable: SummedVariable) => Float32Array): NamedTensors =>
    new Map(
      variables.map((variable) => [variable.name, { data: arrayOf(variable), dims: dimsOf(variable.name) ?? [variable.size] }]),
    );
  const sums = tensors(({ gradient }) => gradient);
  let ofPart: NamedTensors | undefined;
  let added = 0;
  return {
    next() {
      if (added === 0) return sums;
      ofPart ??= tensors(({ size }) => new Float32Array(size));
      return ofPart;
    },
    add() {
      if (added > 0 && ofPart !== undefined) for (const [name, { data }] of ofPart) addTo(sums.get(name)?.data, data);
      added += 1;
    },
    clear() {
      added = 0;
    },
  };
}

function addTo(sum: Float32Array | undefined, values: Float32Array): void {
  if (sum !== undefined) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (values[i] ?? 0);
}
