import type { LayerCall } from '../../../onnx/converter.ts';
import type { Pair } from '../../../onnx/graph-value.ts';

/** The maps of a convolution, and how its kernel moves. */
export interface Maps {
  /** Of the input. */
  readonly channels: number;
  /** The size of the input map and of the output map. */
  readonly from: Pair;
  readonly to: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
}

/** @returns undefined if a size is known at run time only */
export function readMaps({ layer, input, outputShape }: LayerCall): Maps | undefined {
  const [, rows, columns, channels] = input.shape;
  const [, rowsOut, columnsOut] = outputShape;
  if (!rows || !columns || !channels || !rowsOut || !columnsOut) return undefined;
  return {
    channels,
    from: [rows, columns],
    to: [rowsOut, columnsOut],
    strides: layer.pair('strides', 1),
    dilations: layer.pair('dilationRate', 1),
  };
}
