import type { Dims, Shapes } from '../autodiff/infer-shapes.ts';
import type { OnnxNode } from '../onnx/onnx-model.ts';
import { intsOf } from '../onnx/read-attribute.ts';
import { unexplainable } from './unexplainable.ts';

/** A map that nodes reduce to values without positions, such as the input of a global pool. */
export interface LastMap {
  /** Name of the map's value. */
  readonly value: string;
  /** The first node that reduces it. */
  readonly reducer: OnnxNode;
  readonly height: number;
  readonly width: number;
  /** Axis of its channels. */
  readonly channelAxis: ChannelAxis;
}

type ChannelAxis = 1 | 3;

/**
 * Finds the last maps on all ways from the images to the logits: the inputs of global pools and of layers that flatten.
 * Of a map that is averaged over windows and then flattened, it is the map before the windows. A pool inside the network,
 * as in a squeeze-and-excitation block, does not count: a later map depends on it.
 * @param images name of the input [N, height, width, 3]
 * @param shapes shapes of all values
 * @throws GraftError ONNX_GRADIENT_UNSUPPORTED if a way has no such map, as in a transformer
 */
export function findLastMaps(
  nodes: readonly OnnxNode[],
  { images, logits, shapes }: { readonly images: string; readonly logits: string; readonly shapes: Shapes },
): readonly LastMap[] {
  const producers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const axes = channelAxes(nodes, images);
  const consumers = new Map<string, number>();
  for (const name of nodes.flatMap(({ input }) => [...new Set(input)])) consumers.set(name, (consumers.get(name) ?? 0) + 1);
  /** Tells whether a value is an average over windows, perhaps transposed, that nothing else uses. */
  const isAverage = (value: string): boolean => {
    const producer = producers.get(value);
    if (producer === undefined || consumers.get(value) !== 1) return false;
    return producer.opType === 'AveragePool' || (producer.opType === 'Transpose' && isAverage(producer.input[0] ?? ''));
  };
  const maps: LastMap[] = [];
  const visited = new Set<string>();
  const visit = (value: string): void => {
    const reducer = producers.get(value);
    if (reducer === undefined || visited.has(value)) return;
    visited.add(value);
    for (const input of new Set(reducer.input)) {
      const channelAxis = axes.get(input);
      // Values without an axis of channels are constants.
      if (channelAxis === undefined) continue;
      const dims = shapes.get(input) ?? [];
      const [height = null, width = null] = positionsOf(dims, channelAxis);
      if (input === images || height === null || width === null) throw unexplainable(input, dims);
      if (height * width === 1 || isAverage(input)) visit(input);
      else maps.push({ value: input, reducer, height, width, channelAxis });
    }
  };
  visit(logits);
  return maps;
}

/** Height and width of a value; 1 and 1 if it is no map. Tokens and volumes have positions of another kind. */
function positionsOf(dims: Dims, channelAxis: ChannelAxis): Dims {
  if (dims.length <= 2) return [1, 1];
  if (dims.length === 4) return channelAxis === 1 ? dims.slice(2) : dims.slice(1, 3);
  return [];
}

/** The axis of the channels of all values that depend on the images, which have it last. Transposes move it. */
function channelAxes(nodes: readonly OnnxNode[], images: string): ReadonlyMap<string, ChannelAxis> {
  const axes = new Map<string, ChannelAxis>([[images, 3]]);
  for (const { opType, input, output, attribute } of nodes) {
    const before = input.map((name) => axes.get(name)).find((axis) => axis !== undefined);
    if (before === undefined) continue;
    const order = intsOf({ attribute }, 'perm') ?? [];
    const after = opType === 'Transpose' && order.length === 4 ? (order.indexOf(before) === 1 ? 1 : 3) : before;
    for (const name of output) axes.set(name, after);
  }
  return axes;
}
