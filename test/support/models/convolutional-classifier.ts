import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { mulberry32 } from '../../../lib/random.ts';

/**
 * A classifier with random weights: two convolutions with a clipped activation, a residual sum and a global average
 * pool, so that it has layers for int8.
 */
export function convolutionalClassifier(
  labels: number,
  { height, width }: { readonly height: number; readonly width: number },
): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, height, width, 3]);
  const random = mulberry32(11);
  const weights = (dims: readonly number[], scale: number) =>
    graph.floats(
      Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => (random() - 0.5) * scale),
      dims,
    );
  const clip = (name: string) => graph.add('Clip', [name, graph.floats([0], []), graph.floats([6], [])]);
  const scaled = graph.add('Mul', [graph.channelsFirst(value).name, graph.floats([1 / 127], [])]);
  const stem = clip(
    graph.add('Conv', [scaled, weights([16, 3, 3, 3], 1), weights([16], 0.2)], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  );
  const inner = graph.add('Conv', [stem, weights([16, 16, 3, 3], 0.5), weights([16], 0.2)], { pads: [1, 1, 1, 1] });
  const pooled = graph.add('Flatten', [graph.add('GlobalAveragePool', [graph.add('Add', [inner, stem])])]);
  const logits = graph.add('MatMul', [pooled, weights([16, labels], 4)]);
  const output = { name: graph.add('Softmax', [logits]), shape: [null, labels], layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('net', info, output, 'probabilities') });
}
