import type { LayerCall } from '../../../onnx/converter.ts';
import { padsOf } from '../../../onnx/converters/window.ts';
import { lazyWeight, withDims } from '../../../onnx/derived-weights.ts';
import type { GraphBuilder, Value } from '../../../onnx/graph-builder.ts';
import {
  inputMatrix,
  KERNEL,
  kernelTransform,
  outputMatrix,
  POSITIONS,
  TILE,
  WINDOW,
} from '../../../onnx/winograd-transforms.ts';
import { readMaps } from './read-maps.ts';

/** Examples of a batch, which share one transform of the kernels, where both ways are compared. */
const USUAL_BATCH = 32;
/** The least gain in multiplications, because tiles also take time to move. */
const LEAST_GAIN = 1.5;

/**
 * Converts a 3 x 3 convolution with many channels to Winograd's form (winograd-transforms.ts): products of matrices, so
 * that the gradients are products too. The convolution and its gradients take up to a quarter of the multiplications.
 * The kernel keeps the layer's order of axes.
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

/** An axis of the maps. */
interface Axis {
  /** Pixels of the input map and of the output map. */
  readonly from: number;
  readonly to: number;
  /** Pixels of padding before the input map. */
  readonly pad: number;
  readonly tiles: number;
}

interface Shape {
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: Axis;
  readonly columns: Axis;
}

function readShape(call: LayerCall): Shape | undefined {
  const { layer, input } = call;
  const [height, width, inputs = 1, outputs = 1] = layer.needWeight('kernel').dims;
  const maps = readMaps(call);
  if (maps?.channels !== inputs || height !== KERNEL || width !== KERNEL) return undefined;
  const { from, to, strides, dilations } = maps;
  if ([...strides, ...dilations].some((step) => step !== 1)) return undefined;
  const [top = 0, left = 0] = padsOf(layer, input, { kernel: [KERNEL, KERNEL], strides, dilations });
  const shape = {
    inputs,
    outputs,
    rows: { from: from[0], to: to[0], pad: top, tiles: Math.ceil(to[0] / TILE) },
    columns: { from: from[1], to: to[1], pad: left, tiles: Math.ceil(to[1] / TILE) },
  };
  return gainOfTiles(shape) < LEAST_GAIN ? undefined : shape;
}

/** The multiplications of an example divided by those in tiles, which include its share of the transform of the kernels. */
function gainOfTiles({ inputs, outputs, rows, columns }: Shape): number {
  const [down, across] = [WINDOW * rows.tiles, WINDOW * columns.tiles];
  const windows = down * columns.from * (rows.from + across) * inputs;
  const tiles = down * columns.to * (rows.to + across) * outputs;
  const kernels = (POSITIONS * KERNEL ** 2 * inputs * outputs) / USUAL_BATCH;
  const direct = rows.to * columns.to * KERNEL ** 2 * inputs * outputs;
  return direct / (windows + down * across * inputs * outputs + tiles + kernels);
}

/**
 * Writes the convolution. Windows are transformed by rows and then by columns, products by columns and then by rows.
 * @param operands `map` [n, height, width, inputs] and `kernels` [9, inputs * outputs]
 * @returns the name of the map [n, height, width, outputs]
 */
function writeTiles(
  graph: GraphBuilder,
  { inputs, outputs, rows, columns }: Shape,
  { map, kernels }: { readonly map: string; readonly kernels: string },
): string {
  const [down, across] = [WINDOW * rows.tiles, WINDOW * columns.tiles];
  const reshaped = (value: string, dims: readonly number[]): string => graph.add('Reshape', [value, graph.integers(dims)]);
  const transposed = (value: string, perm: readonly number[]): string => graph.add('Transpose', [value], { perm });
  const transformed = graph.add('Gemm', [graph.floats(kernelTransform, [POSITIONS, KERNEL ** 2]), kernels]);
  const ofRows = graph.add('MatMul', [windowMatrix(graph, rows), reshaped(map, [-1, rows.from, columns.from * inputs])]);
  const windows = graph.add('MatMul', [windowMatrix(graph, columns), reshaped(ofRows, [-1, columns.from, inputs])]);
  const byPosition = transposed(reshaped(windows, [-1, WINDOW, rows.tiles, WINDOW, columns.tiles, inputs]), [1, 3, 0, 2, 4, 5]);
  const products = graph.add('MatMul', [
    reshaped(byPosition, [POSITIONS, -1, inputs]),
    reshaped(transformed, [POSITIONS, inputs, outputs]),
  ]);
  const byExample = transposed(reshaped(products, [WINDOW, WINDOW, -1, rows.tiles, columns.tiles, outputs]), [2, 0, 3, 1, 4, 5]);
  const ofColumns = graph.add('MatMul', [tileMatrix(graph, columns), reshaped(byExample, [-1, across, outputs])]);
  const tiles = graph.add('MatMul', [tileMatrix(graph, rows), reshaped(ofColumns, [-1, down, columns.to * outputs])]);
  return reshaped(tiles, [-1, rows.to, columns.to, outputs]);
}

/** The matrix that cuts an axis into windows and transforms each: [6 * tiles, from], its rows by position, then by tile. */
function windowMatrix(graph: GraphBuilder, { from, to, pad, tiles }: Axis): string {
  return graph.weights(`windows_${from}_${to}`, () =>
    lazyWeight([WINDOW * tiles, from], () =>
      Float32Array.from({ length: WINDOW * tiles * from }, (_, i) => {
        const [row, pixel] = [Math.floor(i / from), i % from];
        const [position, tile] = [Math.floor(row / tiles), row % tiles];
        return inputMatrix[position]?.[pixel + pad - tile * TILE] ?? 0;
      }),
    ),
  );
}

/** The matrix that transforms products to tiles and joins these: [to, 6 * tiles], its columns by position, then by tile. */
function tileMatrix(graph: GraphBuilder, { from, to, tiles }: Axis): string {
  return graph.weights(`tiles_${from}_${to}`, () =>
    lazyWeight([to, WINDOW * tiles], () =>
      Float32Array.from({ length: to * WINDOW * tiles }, (_, i) => {
        const [pixel, column] = [Math.floor(i / (WINDOW * tiles)), i % (WINDOW * tiles)];
        const [position, tile] = [Math.floor(column / tiles), column % tiles];
        return outputMatrix[pixel - tile * TILE]?.[position] ?? 0;
      }),
    ),
  );
}
