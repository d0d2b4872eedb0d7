/** Converters of the layers that act otherwise in training than in inference. */
import type { Converters, LayerCall } from '../../../onnx/converter.ts';
import type { Shape, Value } from '../../../onnx/graph-builder.ts';
import { batchNormalization, normalizeBatch } from './batch-normalization.ts';

/** Random factors of a layer, which are an input of the graph. */
export interface NoiseInput {
  readonly name: string;
  readonly layer: string;
  /** Null stands for the batch. */
  readonly shape: Shape;
}

/** The statistics of a batch, which are outputs of the graph, [channels] each. */
export interface BatchStatistics {
  readonly layer: string;
  readonly momentum: number;
  readonly channels: number;
  readonly mean: string;
  readonly variance: string;
}

/** Converters for training, and what they have written so far. */
export interface TrainingConverters {
  readonly converters: Converters;
  readonly noises: readonly NoiseInput[];
  readonly statistics: readonly BatchStatistics[];
}

/** @param normalizesBatch tells whether a BatchNormalization uses the batch's statistics */
export function trainingConverters(normalizesBatch: (layer: string) => boolean): TrainingConverters {
  const noises: NoiseInput[] = [];
  const statistics: BatchStatistics[] = [];
  const multiplied = (shapeOf: (call: LayerCall) => Shape): ((call: LayerCall) => Value) => {
    return (call) => {
      const { graph, layer, input } = call;
      const { value, info } = graph.input(`noise/${layer.name}`, shapeOf(call));
      noises.push({ name: info.name, layer: layer.name, shape: value.shape });
      const factors = input.layout === 'channels-first' ? graph.channelsFirst(value) : value;
      return graph.map('Mul', input, [factors.name]);
    };
  };
  const refuse = ({ layer }: LayerCall): never => {
    throw layer.unsupported({ expected: 'a random layer that the ONNX engine trains: Dropout', received: layer.className });
  };
  const normalized = (call: LayerCall): Value => {
    if (!normalizesBatch(call.layer.name)) return batchNormalization(call);
    const { value, ...written } = normalizeBatch(call);
    const { layer, input } = call;
    const channels = input.shape.at(-1) ?? 1;
    statistics.push({ layer: layer.name, momentum: layer.number('momentum', 0.99), channels, ...written });
    return value;
  };
  return {
    noises,
    statistics,
    converters: {
      BatchNormalization: normalized,
      Dropout: multiplied(({ layer, input }) => layer.shape('noiseShape') ?? input.shape),
      GaussianDropout: multiplied(({ input }) => input.shape),
      StochasticDepth: multiplied(({ input }) => input.shape.map((_, axis) => (axis === 0 ? null : 1))),
      AlphaDropout: refuse,
      GaussianNoise: refuse,
      SpatialDropout1D: refuse,
      SpatialDropout2D: refuse,
    },
  };
}
