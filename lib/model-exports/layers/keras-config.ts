import type { GraphLayer, LayerGraph } from './layer-graph.ts';

/** Classes of Keras outside `keras.layers` are none of ours. */
const MODULE = 'keras.layers';

/** Writes layers as the config.json of a `.keras` file, as Keras 3 writes a functional model. */
export function kerasConfig(graph: LayerGraph, name: string): object {
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name,
      trainable: true,
      layers: graph.layers.map(layerOf),
      input_layers: [[graph.input.name, 0, 0]],
      output_layers: [[graph.output.name, 0, 0]],
    },
    registered_name: 'Functional',
  };
}

function layerOf({ name, className, config, inputs, shape, trainable }: GraphLayer): object {
  const settings = className === 'InputLayer' ? { batch_shape: [null, ...shape], sparse: false } : config;
  const tensors = inputs.map(tensorOf);
  return {
    module: MODULE,
    class_name: className,
    config: { name, ...(className !== 'InputLayer' && { trainable }), dtype: 'float32', ...settings },
    registered_name: null,
    name,
    inbound_nodes: tensors.length === 0 ? [] : [{ args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }],
  };
}

function tensorOf({ name, shape }: GraphLayer): object {
  return {
    class_name: '__keras_tensor__',
    config: { shape: [null, ...shape], dtype: 'float32', keras_history: [name, 0, 0] },
  };
}

/**
 * Names the groups of a weight file as Keras does: the classes of the layers in snake case, numbered in the order of
 * `model.layers`. That is by their distance from the output, the farthest first, and then by a walk from the output.
 */
export function kerasPaths({ output, layers }: LayerGraph): ReadonlyMap<GraphLayer, string> {
  const distances = new Map<GraphLayer, number>();
  for (const layer of layers.toReversed()) {
    const distance = distances.get(layer) ?? 0;
    distances.set(layer, distance);
    for (const input of layer.inputs) distances.set(input, Math.max(distances.get(input) ?? 0, distance + 1));
  }
  const walk = new Map<GraphLayer, number>();
  const visit = (layer: GraphLayer): void => {
    if (walk.has(layer)) return;
    walk.set(layer, walk.size);
    layer.inputs.forEach(visit);
  };
  visit(output);
  const order = layers.toSorted(
    (a, b) => (distances.get(b) ?? 0) - (distances.get(a) ?? 0) || (walk.get(a) ?? 0) - (walk.get(b) ?? 0),
  );
  const counts = new Map<string, number>();
  return new Map(
    order.map((layer) => {
      const kind = snakeCase(layer.className);
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      return [layer, count === 0 ? kind : `${kind}_${count}`];
    }),
  );
}

/** As Keras's `to_snake_case`: Conv2D is conv2d, ReLU is re_lu. */
function snakeCase(className: string): string {
  return className
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
