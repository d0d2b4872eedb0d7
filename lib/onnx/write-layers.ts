import type * as tfl from '@tensorflow/tfjs-layers';
import type { Converters } from './converter.ts';
import type { GraphBuilder, Shape, Value } from './graph-builder.ts';
import { LayerReader } from './layer-reader.ts';

/**
 * Writes the layers between a model's inputs and outputs, including nested models. A layer that is called twice
 * shares its weights.
 * @param inputs one value per input of the model
 * @returns one value per output
 * @throws GraftError ONNX_LAYER_UNSUPPORTED
 */
export function writeLayers(
  model: tfl.LayersModel,
  inputs: readonly Value[],
  graph: GraphBuilder,
  converters: Converters,
): Value[] {
  return new LayerWriter(graph, converters).model(model, inputs, '');
}

class LayerWriter {
  readonly #graph: GraphBuilder;
  readonly #converters: Converters;
  readonly #readers = new Map<tfl.layers.Layer, { readonly reader: LayerReader; readonly scope: string }>();
  readonly #scopes = new Set<string>();

  constructor(graph: GraphBuilder, converters: Converters) {
    this.#graph = graph;
    this.#converters = converters;
  }

  model({ inputs, outputs }: tfl.LayersModel, values: readonly Value[], path: string): Value[] {
    const known = new Map<number, Value>();
    inputs.forEach(({ id }, position) => {
      const value = values[position];
      if (value !== undefined) known.set(id, value);
    });
    const produce = (tensor: tfl.SymbolicTensor): Value => {
      const value = known.get(tensor.id);
      if (value !== undefined) return value;
      const node = tensor.sourceLayer.inboundNodes[tensor.nodeIndex];
      const results = this.#call(tensor.sourceLayer, node?.inputTensors.map(produce) ?? [], path);
      node?.outputTensors.forEach(({ id }, position) => {
        const result = results[position];
        if (result !== undefined) known.set(id, result);
      });
      return known.get(tensor.id) ?? this.#refuse(tensor.sourceLayer, 'an output');
    };
    return outputs.map(produce);
  }

  #call(layer: tfl.layers.Layer, inputs: readonly Value[], path: string): Value[] {
    const { reader, scope } = this.#read(layer, path);
    if (isModel(layer)) return this.model(layer, inputs, scope);
    const [input] = inputs;
    if (input === undefined) return this.#refuse(layer, 'an input that is an input of the model');
    const convert = this.#converters[reader.className];
    if (convert === undefined) {
      throw reader.unsupported({ expected: `one of ${Object.keys(this.#converters).join(', ')}`, received: reader.className });
    }
    const call = { graph: this.#graph, layer: reader, input, inputs, outputShape: outputShape(layer, inputs) };
    return [this.#graph.within(scope, () => convert(call))];
  }

  #read(layer: tfl.layers.Layer, path: string): { readonly reader: LayerReader; readonly scope: string } {
    const known = this.#readers.get(layer);
    if (known !== undefined) return known;
    const full = path === '' ? layer.name : `${path}/${layer.name}`;
    let scope = full;
    for (let count = 2; this.#scopes.has(scope); count++) scope = `${full}_${count}`;
    this.#scopes.add(scope);
    const read = { reader: new LayerReader(layer), scope };
    this.#readers.set(layer, read);
    return read;
  }

  #refuse(layer: tfl.layers.Layer, expected: string): never {
    throw new LayerReader(layer).unsupported({ expected, received: 'none' });
  }
}

/** Tells whether a layer is a model, by its structure: importing the class would load TensorFlow.js. */
function isModel(layer: tfl.layers.Layer): layer is tfl.LayersModel {
  return 'layers' in layer && 'inputs' in layer && 'outputs' in layer;
}

/**
 * Computes the shape of the layer's one output for these inputs. It may be more specific than the layer's
 * declaration.
 */
function outputShape(layer: tfl.layers.Layer, inputs: readonly Value[]): Shape {
  const shapes = inputs.map(({ shape }) => [...shape]);
  const [only] = shapes;
  const shape = layer.computeOutputShape(shapes.length === 1 && only !== undefined ? only : shapes);
  return isOneShape(shape) ? shape : (shape[0] ?? []);
}

function isOneShape(shape: tfl.Shape | tfl.Shape[]): shape is tfl.Shape {
  return !Array.isArray(shape[0]);
}
