import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { OnnxTensor } from '../../onnx/onnx-model.ts';
import { POSITIONS, TILE, tileTransform, WINDOW, windowTransform } from '../../onnx/winograd-transforms.ts';
import type { ChainStep, ConvolutionChain, MapSize } from './find-chains.ts';

/**
 * A map as a matrix, [positions, N, channels]: a position's values for all images are contiguous, so that windows and
 * tiles are made of them without moving single numbers.
 */
interface PositionMap extends MapSize {
  readonly name: string;
  /** The number of rows: some may stand for positions outside of the map. */
  readonly rows: number;
  /** The row of a position; the order depends on what wrote the map. */
  readonly rowOf: (y: number, x: number) => number;
}

/** What a chain is written with. */
export interface ChainWriter {
  readonly graph: GraphBuilder;
  /** Returns the kernels of a convolution after their transform, [36, inputs, outputs]. */
  readonly transformed: (kernels: OnnxTensor) => Float32Array;
}

/**
 * Writes a chain as Winograd convolutions.
 * @param input the name of the map that it takes, [N, channels, height, width]
 * @returns the name of the map that it gives, in the same layout
 */
export function writeChain(writer: ChainWriter, { size, steps }: ConvolutionChain, input: string): string {
  const { graph } = writer;
  const transposed = graph.add('Transpose', [input], { perm: [2, 3, 0, 1] });
  let map = rowByRow(graph.add('Reshape', [transposed, graph.integers([size.height * size.width, -1, size.channels])]), size);
  for (const step of steps) map = graph.within(`winograd/${step.node.output[0]}`, () => writeStep(writer, step, map));
  const ordered = positions(map.height, map.width).map(([y, x]) => map.rowOf(y, x));
  const square = graph.add('Reshape', [
    gather(graph, map.name, ordered),
    graph.integers([map.height, map.width, -1, map.channels]),
  ]);
  return graph.add('Transpose', [square], { perm: [2, 3, 0, 1] });
}

function writeStep(writer: ChainWriter, step: ChainStep, map: PositionMap): PositionMap {
  const { graph } = writer;
  if (step.kind === 'convolution') return writeConvolution(writer, step, map);
  return step.kind === 'pool' ? writePool(graph, map) : { ...map, name: graph.add('Relu', [map.name]) };
}

/** Writes the maximum of squares of 2 x 2 positions. */
function writePool(graph: GraphBuilder, map: PositionMap): PositionMap {
  const [height, width] = [Math.floor(map.height / 2), Math.floor(map.width / 2)];
  const corners = [0, 1].flatMap((down) =>
    [0, 1].map((right) => {
      const rows = positions(height, width).map(([y, x]) => map.rowOf(2 * y + down, 2 * x + right));
      return gather(graph, map.name, rows);
    }),
  );
  return rowByRow(graph.add('Max', corners), { height, width, channels: map.channels });
}

/** A map whose rows follow its positions, row by row. */
function rowByRow(name: string, size: MapSize): PositionMap {
  return { ...size, name, rows: size.height * size.width, rowOf: (y, x) => y * size.width + x };
}

/**
 * Writes a 3 x 3 convolution: windows of 6 x 6 positions are transformed, each of the 36 results is multiplied by its
 * matrix of kernels, and the products are transformed to tiles of 4 x 4 outputs.
 */
function writeConvolution(
  { graph, transformed }: ChainWriter,
  { node, kernels, outputs }: Extract<ChainStep, { kind: 'convolution' }>,
  map: PositionMap,
): PositionMap {
  const { height, width, channels } = map;
  const [down, across] = [Math.ceil(height / TILE), Math.ceil(width / TILE)];
  const tiles = positions(down, across);
  // A row of zeros at the end.
  const padded = graph.add('Pad', [map.name, graph.integers([0, 0, 0, 1, 0, 0])]);
  const rows = positions(WINDOW, WINDOW).flatMap(([y, x]) =>
    tiles.map(([tileY, tileX]) => paddedRow(map, tileY * TILE + y - 1, tileX * TILE + x - 1)),
  );
  const inputs = transform(graph, gather(graph, padded, rows), windowTransform, [POSITIONS, -1, channels]);
  const size = channels * outputs;
  const products = Array.from({ length: POSITIONS }, (_, position) => {
    const [from, to] = [graph.integers([position]), graph.integers([position + 1])];
    const slice = graph.add('Slice', [inputs, from, to, graph.integers([0])]);
    const matrix = graph.weights(`kernels/${position}`, () => ({
      dims: [channels, outputs],
      get data() {
        return transformed(kernels).subarray(position * size, (position + 1) * size);
      },
    }));
    return graph.add('MatMul', [slice, matrix]);
  });
  const product = graph.add('Concat', products, { axis: 0 });
  const result = transform(graph, product, tileTransform, [TILE * TILE * tiles.length, -1, outputs]);
  const [, , bias = ''] = node.input;
  return {
    name: bias === '' ? result : graph.add('Add', [result, bias]),
    height,
    width,
    channels: outputs,
    rows: TILE * TILE * tiles.length,
    rowOf: (y, x) => (((y % TILE) * TILE + (x % TILE)) * down + Math.floor(y / TILE)) * across + Math.floor(x / TILE),
  };
}

/** Gathers rows of a map. */
function gather(graph: GraphBuilder, map: string, rows: readonly number[]): string {
  return graph.add('Gather', [map, graph.indices(rows)], { axis: 0 });
}

/** Multiplies the first axis of [36, ...] by a matrix of 36 columns, and gives the result another shape. */
function transform(graph: GraphBuilder, name: string, matrix: readonly number[], shape: readonly number[]): string {
  const flat = graph.add('Reshape', [name, graph.integers([POSITIONS, -1])]);
  const by = graph.floats(matrix, [matrix.length / POSITIONS, POSITIONS]);
  return graph.add('Reshape', [graph.add('Gemm', [by, flat]), graph.integers(shape)]);
}

/** The row of a position, or that of the zeros, which stand for all positions outside of the map. */
function paddedRow({ height, width, rows, rowOf }: PositionMap, y: number, x: number): number {
  return y >= 0 && x >= 0 && y < height && x < width ? rowOf(y, x) : rows;
}

/** All positions of a map, row by row. */
function positions(height: number, width: number): [y: number, x: number][] {
  return Array.from({ length: height * width }, (_, at) => [Math.floor(at / width), at % width]);
}
