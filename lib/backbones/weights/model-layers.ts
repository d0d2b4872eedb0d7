import type { LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { LayersModel } from '@tensorflow/tfjs-layers';

/** A layer of a model, or of a model inside it, that has weights. */
export interface ModelLayer {
  readonly name: string;
  /** Where Keras 3 stores such a layer: by the classes of layers, counted in each model (`layers/functional/layers/conv2d_3`). */
  readonly path: string;
  /**
   * Whether the name is one that Keras gives where the user gives none: `conv2d_3`. It tells one layer from another by
   * chance.
   */
  readonly automatic: boolean;
  /** As Keras orders them: those that train, then the others. */
  readonly variables: readonly LayerVariable[];
}

/** The layers with weights in the order of the model, those of a model inside it in its place. */
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

/** The name of the layer's class in snake case, as Keras makes it: `conv2d`, `re_lu`, `global_average_pooling2d`. */
function kindOf(layer: layers.Layer): string {
  const name = layer.getClassName();
  // TF.js's name for what Keras 3 calls Functional.
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
