import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/**
 * Lists the symbolic tensors from which the outputs are computed, and the outputs themselves, in topological order.
 * @param from where to stop: these tensors, and those that only they depend on, are left out
 */
export function tensorsInOrder(
  outputs: SymbolicTensor | readonly SymbolicTensor[],
  from: readonly SymbolicTensor[] = [],
): SymbolicTensor[] {
  const seen = new Set(from.map(({ id }) => id));
  const order: SymbolicTensor[] = [];
  const stack = [outputs].flat();
  for (let tensor = stack.at(-1); tensor !== undefined; tensor = stack.at(-1)) {
    const missing = tensor.inputs.filter(({ id }) => !seen.has(id));
    if (missing.length > 0 && !seen.has(tensor.id)) stack.push(...missing);
    else {
      stack.pop();
      if (!seen.has(tensor.id)) order.push(tensor);
      seen.add(tensor.id);
    }
  }
  return order;
}
