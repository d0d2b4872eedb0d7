import { product } from '../../../arithmetic.ts';
import type { LayerCall } from '../../../onnx/converter.ts';
import { padsOf } from '../../../onnx/converters/window.ts';
import { lazily, withDims } from '../../../onnx/derived-weights.ts';
import type { GraphBuilder, Value } from '../../../onnx/graph-builder.ts';
import {
  KERNEL,
  kernelTransform,
  POSITIONS,
  TILE,
  tileTransform,
  WINDOW,
  windowTransform,
} from '../../../onnx/winograd-transforms.ts';
import { type Maps, type Pair, readMaps } from './read-maps.ts';

/** Examples of a batch, which share one transform of the kernels, where both ways are compared. */
const USUAL_BATCH = 32;
/** The least gain in multiplications, because tiles also take time to move. */
const LEAST_GAIN = 1.5;

/**
 * Converts a 3 x 3 convolution of a small map with many channels to Winograd's form (winograd-transforms.ts): products
 * of matrices, so that the gradients are products too. The convolution and its gradients take up to a quarter of the
 * multiplications. The kernel keeps the layer's order of axes.
 * @returns the map without bias and activation; undefined if the convolution has another kernel, or would hardly take
 *   fewer multiplications
 */
export function tiledConvolution(call: LayerCall): Value | undefined {
  const shape = readShape(call);
  if (shape === undefined) return undefined;
  const { graph, layer, input, outputShape } = call;
  const name = writeTiles(graph, shape, {
    map: graph.channelsLast(input).name,
    kernels: graph.weights('kernel_tiles', () =>
      withDims(layer.needWeight('kernel'), [KERNEL ** 2, shape.inputs * shape.outputs]),
    ),
  });
  return { name, shape: outputShape, layout: 'channels-last' };
}

interface Shape extends Pick<Maps, 'from' | 'to'> {
  readonly inputs: number;
  readonly outputs: number;
  /** Number of tiles, down and across. */
  readonly tiles: Pair;
  /** Before and after the rows and columns, in pixels. */
  readonly pads: readonly number[];
}

function readShape(call: LayerCall): Shape | undefined {
  const { layer, input } = call;
  const [height, width, inputs = 1, outputs = 1] = layer.needWeight('kernel').dims;
  const maps = readMaps(call);
  if (maps?.channels !== inputs || height !== KERNEL || width !== KERNEL) return undefined;
  const { from, to, strides, dilations } = maps;
  if ([...strides, ...dilations].some((step) => step !== 1)) return undefined;
  const pads = padsOf(layer, input, { kernel: [KERNEL, KERNEL], strides, dilations });
  const tiles: Pair = [Math.ceil(to[0] / TILE), Math.ceil(to[1] / TILE)];
  const shape = { inputs, outputs, from, to, tiles, pads };
  return gainOfTiles(shape) < LEAST_GAIN ? undefined : shape;
}

/** The multiplications of an example divided by those in tiles, which include its share of the transform of the kernels. */
function gainOfTiles({ inputs, outputs, from, to, tiles }: Shape): number {
  const positions = POSITIONS * product(tiles);
  const transforms = positions * (product(from) * inputs + product(to) * outputs);
  const kernels = (POSITIONS * KERNEL ** 2 * inputs * outputs) / USUAL_BATCH;
  return (product(to) * KERNEL ** 2 * inputs * outputs) / (transforms + positions * inputs * outputs + kernels);
}

/**
 * Writes the convolution.
 * @param operands `map` [n, height, width, inputs] and `kernels` [9, inputs * outputs]
 * @returns the name of the map [n, height, width, outputs]
 */
function writeTiles(
  graph: GraphBuilder,
  shape: Shape,
  { map, kernels }: { readonly map: string; readonly kernels: string },
): string {
  const { inputs, outputs, from, to } = shape;
  const tiles = product(shape.tiles);
  const reshaped = (value: string, dims: readonly number[]): string => graph.add('Reshape', [value, graph.integers(dims)]);
  const exchanged = (value: string): string => graph.add('Transpose', [value], { perm: [1, 0, 2, 3] });
  const transformed = graph.add('Gemm', [graph.floats(kernelTransform, [POSITIONS, KERNEL ** 2]), kernels]);
  const sizes = `${from}_${to}`;
  const toWindows = graph.weights(`windows_${sizes}`, () =>
    lazily([POSITIONS * tiles, product(from)], () => windowMatrix(shape)),
  );
  const windows = graph.add('MatMul', [toWindows, reshaped(map, [0, product(from), inputs])]);
  const byPosition = reshaped(exchanged(reshaped(windows, [0, POSITIONS, tiles, inputs])), [POSITIONS, -1, inputs]);
  const products = graph.add('MatMul', [byPosition, reshaped(transformed, [POSITIONS, inputs, outputs])]);
  const byExample = reshaped(exchanged(reshaped(products, [POSITIONS, -1, tiles, outputs])), [0, POSITIONS * tiles, outputs]);
  const toMap = graph.weights(`tiles_${sizes}`, () => lazily([product(to), POSITIONS * tiles], () => tileMatrix(shape)));
  return reshaped(graph.add('MatMul', [toMap, byExample]), [0, ...to, outputs]);
}

/** Cuts a map into windows and transforms each: [36 * tiles, pixels of the map], the rows by position, then by tile. */
function windowMatrix({ from, tiles, pads: [top = 0, left = 0] }: Shape): Float32Array {
  const [count, pixels] = [product(tiles), product(from)];
  const matrix = new Float32Array(POSITIONS * count * pixels);
  forEachTile(tiles, (tile, [row, column]) => {
    for (let at = 0; at < POSITIONS; at++) {
      const [y, x] = [row + Math.floor(at / WINDOW) - top, column + (at % WINDOW) - left];
      if (y < 0 || y >= from[0] || x < 0 || x >= from[1]) continue;
      for (let position = 0; position < POSITIONS; position++) {
        matrix[(position * count + tile) * pixels + y * from[1] + x] = windowTransform[position * POSITIONS + at] ?? 0;
      }
    }
  });
  return matrix;
}

/** Transforms products to tiles and joins these: [pixels of the map, 36 * tiles], the columns by position, then by tile. */
function tileMatrix({ to, tiles }: Shape): Float32Array {
  const count = product(tiles);
  const matrix = new Float32Array(product(to) * POSITIONS * count);
  forEachTile(tiles, (tile, [row, column]) => {
    for (let at = 0; at < TILE ** 2; at++) {
      const [y, x] = [row + Math.floor(at / TILE), column + (at % TILE)];
      if (y >= to[0] || x >= to[1]) continue;
      for (let position = 0; position < POSITIONS; position++) {
        matrix[((y * to[1] + x) * POSITIONS + position) * count + tile] = tileTransform[at * POSITIONS + position] ?? 0;
      }
    }
  });
  return matrix;
}

/** Calls `use` with the number of each tile, row by row, and its first row and column. */
function forEachTile([down, across]: Pair, use: (tile: number, first: Pair) => void): void {
  for (let tile = 0; tile < down * across; tile++) use(tile, [Math.floor(tile / across) * TILE, (tile % across) * TILE]);
}
