import { graftModel } from './graft-model.ts';
import { GraphBuilder, type Shape } from './graph-builder.ts';
import { type FloatArray, type FloatType, type NamedTensors, openTensorSession } from './tensor-session.ts';
import { valueInfo } from './value-info.ts';

/** A computation on tensors in ONNX Runtime, on all cores. It blocks this thread. */
export interface Computation<Output extends string, Type extends FloatType = 'float32'> {
  /**
   * Computes all outputs.
   * @param inputs by name; do not change them until the promise settles
   * @throws RuntimeError ONNX_RUN_FAILED if the sizes do not fit each other
   */
  run(inputs: NamedTensors<Type>): Promise<Readonly<Record<Output, FloatArray<Type>>>>;
  /** Waits for pending runs, then frees the memory. */
  close(): Promise<void>;
}

/**
 * Opens a computation.
 * @param inputs shapes by name; null stands for a size that is known only at run time
 * @param write adds the operators; gets and returns the names of values in the graph
 * @param options `type` of the elements of all inputs and outputs; default: float32
 */
export async function openComputation<Input extends string, Output extends string, Type extends FloatType = 'float32'>(
  inputs: Readonly<Record<Input, Shape>>,
  write: (graph: GraphBuilder, inputs: Readonly<Record<Input, string>>) => Readonly<Record<Output, string>>,
  { type = 'float32' as Type }: { readonly type?: Type } = {},
): Promise<Computation<Output, Type>> {
  const graph = new GraphBuilder();
  const declared = entries(inputs).map(([name, shape]) => [name, graph.input(name, shape, type)] as const);
  const outputs = entries(write(graph, fromEntries(declared.map(([name, { value }]) => [name, value.name]))));
  const { node, initializer } = graph.written;
  const model = graftModel({
    name: 'computation',
    node,
    initializer,
    input: declared.map(([, { info }]) => info),
    output: outputs.map(([, value]) => valueInfo(value, undefined, type)),
    valueInfo: [],
  });
  // Without an arena, which would keep the memory of the largest matrices until the end of the process.
  const session = await openTensorSession(model, { type }, { enableCpuMemArena: false });
  const wanted = new Map(outputs.map(([, value]) => [value, undefined]));
  return {
    async run(given) {
      const results = await session.run(given, wanted);
      return fromEntries(
        outputs.flatMap(([name, value]) => {
          const result = results.get(value);
          return result === undefined ? [] : [[name, result.data] as const];
        }),
      );
    },
    close: () => session.close(),
  };
}

function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][];
}

function fromEntries<Key extends string, Value>(pairs: readonly (readonly [Key, Value])[]): Record<Key, Value> {
  return Object.fromEntries(pairs) as Record<Key, Value>;
}
