import type { LayerBuilder, Operand } from '../layer-builder.ts';

/** Converts a node to layers. @throws DataError EXPORT_LAYER_UNSUPPORTED */
export type Operator = (build: LayerBuilder) => Operand;

/** Operators by the type of the node. */
export type Operators = Readonly<Record<string, Operator>>;

/** Returns an input as a map with its channels first in the ONNX graph. */
export function mapOf(build: LayerBuilder, index = 0): Operand {
  const value = build.value(index);
  if (value.layout === 'pooled') {
    const [channels = 1] = value.layer.shape;
    const layer = build.layer('Reshape', [value.layer], [1, 1, channels], { target_shape: [1, 1, channels] });
    return { ...value, layer, layout: 'channels-first' };
  }
  return value.layout === 'channels-first' ? value : build.refuse('a map with its channels first', value.layer.shape);
}
