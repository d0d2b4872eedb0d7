import type * as tfl from '@tensorflow/tfjs-layers';
import { GraftError } from '../errors.ts';
import type { SubGraph } from './sub-graph.ts';

/**
 * A weight of a layer. Its values may be read again at each access, so that a large model never has all of them in
 * memory.
 */
export interface Weight {
  readonly data: Float32Array;
  readonly dims: readonly number[];
  /** The layer's own weight, if this one has the same numbers. */
  readonly origin?: WeightOrigin;
}

/** A layer's own weight, from which a weight follows by a permutation of its axes and a reshape. */
export interface WeightOrigin {
  /** `layer/kernel` */
  readonly name: string;
  readonly dims: readonly number[];
  /** Axis `i` after the permutation is axis `order[i]` of the origin. */
  readonly order?: readonly number[];
}

/** A layer as converters see it: its class, its configuration (from `getConfig()`) and its weights by name. */
export class LayerReader {
  readonly name: string;
  readonly className: string;
  readonly #config: Readonly<Record<string, unknown>>;
  readonly #layer: tfl.layers.Layer;

  constructor(layer: tfl.layers.Layer) {
    this.name = layer.name;
    this.className = layer.getClassName();
    this.#config = layer.getConfig();
    this.#layer = layer;
  }

  /**
   * Reads a number from the configuration.
   * @throws GraftError ONNX_LAYER_UNSUPPORTED if there is neither a number nor a fallback
   */
  number(key: string, fallback?: number): number {
    const value = this.#config[key] ?? fallback;
    return typeof value === 'number' ? value : this.#misses(key, 'a number');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#config[key] ?? fallback;
    return typeof value === 'boolean' ? value : this.#misses(key, 'true or false');
  }

  text(key: string, fallback: string): string {
    const value = this.#config[key] ?? fallback;
    return typeof value === 'string' ? value : this.#misses(key, 'a text');
  }

  /** Reads a number or a list of numbers as a list. @returns undefined if the configuration has none */
  numbers(key: string): number[] | undefined {
    const value = this.#config[key];
    if (value === undefined || value === null) return undefined;
    const list = [value].flat(2);
    return list.every((item) => typeof item === 'number') ? list : this.#misses(key, 'numbers');
  }

  /** Reads two sizes [height, width]. The configuration may give one number for both. */
  pair(key: string, fallback?: number): [number, number] {
    const [height = fallback ?? this.#misses(key, 'one or two numbers'), width = height] = this.numbers(key) ?? [];
    return [height, width];
  }

  /** Reads a shape, in which null stands for a dynamic size. @returns undefined if the configuration has none */
  shape(key: string): (number | null)[] | undefined {
    const value = this.#config[key];
    if (value === undefined || value === null) return undefined;
    const sizes: unknown[] = [value].flat();
    const known = (size: unknown): size is number | null => size === null || typeof size === 'number';
    return sizes.every(known) ? sizes : this.#misses(key, 'a shape');
  }

  has(key: string): boolean {
    return this.#config[key] !== undefined && this.#config[key] !== null;
  }

  /**
   * Returns a weight by the last part of its name: `kernel` finds `conv1/kernel`. @returns undefined if there is none
   */
  weight(name: string): Weight | undefined {
    const variable = this.#layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name);
    if (variable === undefined) return undefined;
    const tensor = variable.read();
    return {
      dims: tensor.shape,
      origin: { name: `${this.name}/${name}`, dims: tensor.shape },
      get data() {
        const data = tensor.dataSync();
        return data instanceof Float32Array ? data : Float32Array.from(data);
      },
    };
  }

  /**
   * Returns a weight by the last part of its name.
   * @throws GraftError ONNX_LAYER_UNSUPPORTED if the layer has no such weight
   */
  needWeight(name: string): Weight {
    return this.weight(name) ?? this.#misses(name, 'a weight of this name');
  }

  /**
   * Returns the part of an ONNX graph that the layer holds.
   * @throws GraftError ONNX_LAYER_UNSUPPORTED if it holds none
   */
  subGraph(): SubGraph {
    return holdsSubGraph(this.#layer) ? this.#layer.subGraph : this.#misses('subGraph', 'a part of an ONNX graph');
  }

  /** Creates the error for a feature of this layer that ONNX export does not support. */
  unsupported(what: { readonly expected: string; readonly received?: unknown }): GraftError {
    return new GraftError('ONNX_LAYER_UNSUPPORTED', {
      at: `layer ${this.name} (${this.className})`,
      ...what,
      fix: 'replace the layer, or give exportOnnx a converter for its class',
    });
  }

  #misses(key: string, expected: string): never {
    throw this.unsupported({ expected: `${expected} as ${key}`, received: this.#config[key] ?? 'nothing' });
  }
}

/** Tells whether a layer holds a part of a graph, by its structure: importing the class would load TensorFlow.js. */
function holdsSubGraph(layer: object): layer is { readonly subGraph: SubGraph } {
  return 'subGraph' in layer;
}
