import { elementType, type OnnxModel } from '../onnx/onnx-model.ts';

/** Cuts a model off after float32 values inside it, which become its outputs. */
export function untilOutputs(model: OnnxModel, names: readonly string[]): OnnxModel {
  const needed = new Set(names);
  const node = model.graph.node
    .toReversed()
    .filter(({ input, output }) => {
      const isNeeded = output.some((name) => needed.has(name));
      if (isNeeded) for (const name of input) needed.add(name);
      return isNeeded;
    })
    .toReversed();
  const initializer = model.graph.initializer.filter(({ name }) => needed.has(name));
  // Without a shape: ONNX Runtime infers it.
  const output = names.map((name) => ({ name, type: { tensorType: { elemType: elementType.float32 } } }));
  return { ...model, graph: { ...model.graph, node, initializer, output, valueInfo: [] } };
}
