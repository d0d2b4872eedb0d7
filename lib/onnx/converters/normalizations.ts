import type { Converters, LayerCall } from '../converter.ts';
import { float, type Value } from '../graph-builder.ts';

/** BatchNormalization with its moving statistics, as at inference. */
function batchNormalization({ graph, layer, input }: LayerCall): Value {
  const axis = layer.number('axis', -1);
  const rank = input.shape.length;
  if (axis !== -1 && axis !== rank - 1) throw layer.unsupported({ expected: 'axis -1', received: axis });
  // ONNX's own operation has the channels right after the batch.
  const x = graph.channelsFirst(input);
  const mean = layer.needWeight('moving_mean');
  const variance = layer.needWeight('moving_variance');
  if (rank !== 2 && rank !== 4) throw layer.unsupported({ expected: 'an input of rank 2 or 4', received: input.shape });
  const same = (value: number): { data: Float32Array; dims: readonly number[] } => ({
    data: new Float32Array(mean.data.length).fill(value),
    dims: mean.dims,
  });
  return graph.map(
    'BatchNormalization',
    x,
    [
      graph.weights('gamma', () => layer.weight('gamma') ?? same(1)),
      graph.weights('beta', () => layer.weight('beta') ?? same(0)),
      graph.weights('moving_mean', () => mean),
      graph.weights('moving_variance', () => variance),
    ],
    { epsilon: float(layer.number('epsilon', 1e-3)) },
  );
}

export const normalizationConverters: Converters = { BatchNormalization: batchNormalization };
