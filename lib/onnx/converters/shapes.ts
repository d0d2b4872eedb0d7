import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';
import { needChannelsLast } from './window.ts';

/** Keras flattens with the channels last; a map of one pixel lies the same either way. */
function flatten({ graph, input, outputShape }: LayerCall): Value {
  const onePixel = input.shape.length === 4 && input.shape[1] === 1 && input.shape[2] === 1;
  const x = onePixel ? input : graph.channelsLast(input);
  return { name: graph.add('Flatten', [x.name], { axis: 1 }), shape: outputShape, layout: 'channels-last' };
}

function zeroPadding({ graph, layer, input, outputShape }: LayerCall): Value {
  needChannelsLast(layer);
  const x = graph.channelsFirst(input);
  const [top, bottom, left, right] = margins(layer.numbers('padding') ?? [1]);
  return { ...x, shape: outputShape, name: graph.add('Pad', [x.name, graph.integers([0, 0, top, left, 0, 0, bottom, right])]) };
}

/** Keras's margins are one number, [vertical, horizontal], or [[top, bottom], [left, right]]. */
function margins([first = 0, second = first, third, fourth]: readonly number[]): [number, number, number, number] {
  return third === undefined || fourth === undefined ? [first, first, second, second] : [first, second, third, fourth];
}

const identity = ({ input }: LayerCall): Value => input;

export const shapeConverters: Converters = {
  Flatten: flatten,
  ZeroPadding2D: zeroPadding,
  Dropout: identity,
};
