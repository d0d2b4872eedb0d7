import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';
import { activate } from './activations.ts';

/** Dense works on the last axis of any rank; on vectors that is one Gemm. */
function dense(call: LayerCall): Value {
  const { graph, layer, input, outputShape } = call;
  const x = graph.channelsLast(input);
  const kernel = graph.weights('kernel', () => layer.needWeight('kernel'));
  const offsets = layer.weight('bias');
  const bias = offsets && [graph.weights('bias', () => offsets)];
  if (outputShape.length === 2) {
    const name = graph.add('Gemm', [x.name, kernel, ...(bias ?? [])]);
    return activate(call, { ...x, name, shape: outputShape });
  }
  const product = { ...x, name: graph.add('MatMul', [x.name, kernel]), shape: outputShape };
  return activate(call, bias === undefined ? product : graph.map('Add', product, bias));
}

export const denseConverters: Converters = { Dense: dense };
