import type { LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { LayersModel } from '@tensorflow/tfjs-layers';

/** A layer with weights, in a model or in a nested model. */
export interface ModelLayer {
  readonly name: string;
  /** Path of the layer in Keras 3's files: class names, counted per model (`layers/functional/layers/conv2d_3`). */
  readonly path: string;
  /** Whether Keras generated the name, as in `conv2d_3`. Such a name does not identify a layer reliably. */
  readonly automatic: boolean;
  /** In Keras's order: trainable ones first. */
  readonly variables: readonly LayerVariable[];
}

/** Lists the layers with weights in the order of the model. The layers of a nested model take its position. */
export function modelLayers({ layers: inside }: LayersModel, path = 'layers'): ModelLayer[] {
  const counts = new Map<string, number>();
  return inside.flatMap((layer): ModelLayer[] => {
    const kind = kindOf(layer);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const here = `${path}/${count === 0 ? kind : `${kind}_${count}`}`;
    if (layer instanceof LayersModel) return modelLayers(layer, `${here}/layers`);
    if (layer.weights.length === 0) return [];
    return [{ name: layer.name, path: here, automatic: isAutomatic(layer.name), variables: layer.weights }];
  });
}

/** Returns the layer's class name in snake case, as Keras does: `conv2d`, `re_lu`, `global_average_pooling2d`. */
function kindOf(layer: layers.Layer): string {
  const name = layer.getClassName();
  // TF.js's name for the class that Keras 3 calls Functional.
  if (name === 'Model') return 'functional';
  return name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function isAutomatic(name: string): boolean {
  return /^(conv2d|depthwise_conv2d|separable_conv2d|dense|batch_normalization|layer_normalization|normalization)(_\d+)?$/.test(
    name,
  );
}
