import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';
import { padsOf, requireChannelsLast } from './window.ts';

/** Converts a pooling layer. Averages exclude padding: they divide by the number of pixels inside the map. */
function pool(opType: 'MaxPool' | 'AveragePool'): (call: LayerCall) => Value {
  return ({ graph, layer, input, outputShape }) => {
    requireChannelsLast(layer);
    const kernel = layer.pair('poolSize');
    const strides = layer.has('strides') ? layer.pair('strides') : kernel;
    const pads = padsOf(layer, input, { kernel, strides, dilations: [1, 1] });
    const name = graph.add(opType, [graph.channelsFirst(input).name], { kernel_shape: kernel, strides, pads });
    return { name, shape: outputShape, layout: 'channels-first' };
  };
}

function globalPool(opType: 'GlobalMaxPool' | 'GlobalAveragePool'): (call: LayerCall) => Value {
  return ({ graph, layer, input, outputShape }) => {
    requireChannelsLast(layer);
    const pooled = graph.add(opType, [graph.channelsFirst(input).name]);
    if (outputShape.length === 4) return { name: pooled, shape: outputShape, layout: 'channels-first' };
    return { name: graph.add('Flatten', [pooled], { axis: 1 }), shape: outputShape, layout: 'channels-last' };
  };
}

/** Converters of the pooling layers. */
export const poolConverters: Converters = {
  MaxPooling2D: pool('MaxPool'),
  AveragePooling2D: pool('AveragePool'),
  GlobalMaxPooling2D: globalPool('GlobalMaxPool'),
  GlobalAveragePooling2D: globalPool('GlobalAveragePool'),
};
