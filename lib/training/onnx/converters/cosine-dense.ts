import type { LayerCall } from '../../../onnx/converter.ts';
import type { Value } from '../../../onnx/graph-builder.ts';

/** The constant that CosineDense adds under the square root of a vector's length. */
const EPSILON = 1e-12;

/**
 * Converts CosineDense, scale times the cosines between the input and the columns of the kernel, for a graph whose weights
 * are inputs. The layer's usual converter computes a constant from both weights, which no gradient reaches.
 */
export function cosineDense({ graph, layer, input, outputShape }: LayerCall): Value {
  const unit = (vectors: string, axis: number): string => {
    const squared = graph.add('ReduceSumSquare', [vectors, graph.integers([axis])], { keepdims: 1 });
    return graph.add('Div', [vectors, graph.add('Sqrt', [graph.add('Add', [squared, graph.floats([EPSILON])])])]);
  };
  const [kernel, scale] = ['kernel', 'scale'].map((key) => graph.weights(key, () => layer.needWeight(key)));
  const x = graph.channelsLast(input);
  const cosines = graph.add('MatMul', [unit(x.name, -1), unit(kernel ?? '', 0)]);
  return { ...x, name: graph.add('Mul', [cosines, scale ?? '']), shape: outputShape };
}
