import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { mulberry32 } from '../../../lib/random.ts';

/** A classifier with random weights that takes its channels as BGR, scaled and shifted, before a convolution. */
export function blueFirst(labels: number, { height, width }: { readonly height: number; readonly width: number }): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, height, width, 3]);
  const random = mulberry32(5);
  const weights = (name: string, dims: readonly number[]) => {
    const data = Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => random() - 0.5);
    return graph.weights(name, () => ({ data, dims }));
  };
  const bgr = graph.map('Gather', graph.channelsFirst(value), [graph.integers([2, 1, 0])], { axis: 1 });
  const scaled = graph.map('Mul', bgr, [graph.floats([1 / 120, 1 / 130, 1 / 140], [3, 1, 1])]);
  const prepared = graph.map('Add', scaled, [graph.floats([-1, -0.9, -1.1], [3, 1, 1])]);
  const maps = graph.add('Conv', [prepared.name, weights('conv/kernel', [8, 3, 3, 3]), weights('conv/bias', [8])]);
  const pooled = graph.add('Flatten', [graph.add('GlobalAveragePool', [graph.add('Relu', [maps])])]);
  const logits = graph.add('Gemm', [pooled, weights('head/kernel', [8, labels]), weights('head/bias', [labels])]);
  const output = { name: graph.add('Softmax', [logits]), shape: [null, labels], layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('net', info, output, 'probabilities') });
}
