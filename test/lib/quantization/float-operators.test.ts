import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { quantizeModel } from '../../../lib/quantization/quantize-model.ts';
import { mulberry32 } from '../../../lib/random.ts';

const [height, width, labels] = [8, 8, 3];
const random = mulberry32(3);
const images = Array.from({ length: 4 }, () => Float32Array.from({ length: height * width * 3 }, () => 255 * random()));

/** What is between two convolutions. @returns maps [N, 4, 8, 8] */
type Between = (graph: GraphBuilder, maps: string, conv: (maps: string) => string) => string;

/** Preprocessing, a convolution, something, another convolution, and a head. */
function network(between: Between): Uint8Array {
  const draw = mulberry32(5);
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, height, width, 3]);
  const weights = (dims: readonly number[]) =>
    graph.floats(
      Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => draw() - 0.5),
      dims,
    );
  const conv = (maps: string, channels = 4) => graph.add('Conv', [maps, weights([4, channels, 1, 1])]);
  const scaled = graph.add('Mul', [graph.channelsFirst(value).name, graph.floats([1 / 255], [])]);
  const last = conv(between(graph, conv(scaled, 3), conv));
  const pooled = graph.add('Flatten', [graph.add('GlobalAveragePool', [graph.add('Tanh', [last])])]);
  const logits = graph.add('Gemm', [pooled, weights([4, labels])]);
  const output = { name: graph.add('Softmax', [logits]), shape: [null, labels], layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('n', info, output, 'probabilities') });
}

const cases: { what: string; between: Between; operators: string[] }[] = [
  { what: 'a rectifier', between: (graph, maps) => graph.add('Relu', [maps]), operators: [] },
  {
    what: 'swish',
    between: (graph, maps) => graph.add('Mul', [maps, graph.add('Sigmoid', [maps])]),
    operators: ['Mul', 'Sigmoid'],
  },
  {
    what: 'a residual block, whose sum ONNX Runtime computes in int8',
    between: (graph, maps, conv) => graph.add('Relu', [graph.add('Add', [conv(maps), maps])]),
    operators: [],
  },
  {
    what: 'the sum of a layer and of a value in float',
    between: (graph, maps) => graph.add('Add', [maps, graph.add('Erf', [maps])]),
    operators: ['Add', 'Erf'],
  },
  { what: 'a product of two values', between: (graph, maps) => graph.add('MatMul', [maps, maps]), operators: ['MatMul'] },
  {
    what: 'a convolution whose weights are no constant',
    between: (graph, maps) => {
      const one = graph.floats(
        Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
        [4, 4, 1, 1],
      );
      return graph.add('Conv', [maps, graph.add('Tanh', [one])]);
    },
    operators: ['Conv'],
  },
  {
    what: 'a convolution along one axis',
    between: (graph, maps) => {
      const rows = graph.add('Reshape', [maps, graph.integers([0, 4, 64])]);
      const kernel = graph.floats(
        Array.from({ length: 16 }, (_, i) => i / 16),
        [4, 4, 1],
      );
      return graph.add('Reshape', [graph.add('Conv', [rows, kernel]), graph.integers([0, 4, 8, 8])]);
    },
    operators: ['Conv'],
  },
];

test.each(cases)('lists what computes in float between int8 layers: $what', async ({ between, operators }) => {
  const made = await quantizeModel(network(between), { pixels: images, height, width });
  expect(made.layers).toBeGreaterThan(1);
  expect(made.floatOperators).toEqual(operators);
});
