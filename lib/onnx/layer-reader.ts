import type * as tfl from '@tensorflow/tfjs-layers';
import { GraftError } from '../errors.ts';

/** A weight of a layer. Its values may be read again at each access: a large model's must not all lie in memory at once. */
export interface Weight {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A layer as a converter sees it: its class, its configuration as `getConfig()` gives it, and its weights by name. */
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

  /** @throws GraftError ONNX_LAYER_UNSUPPORTED when there is neither a number nor a fallback */
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

  /** A number, or a list of numbers, as a list; undefined where the configuration has none. */
  numbers(key: string): number[] | undefined {
    const value = this.#config[key];
    if (value === undefined || value === null) return undefined;
    const list = [value].flat(2);
    return list.every((item) => typeof item === 'number') ? list : this.#misses(key, 'numbers');
  }

  /** Two sizes [height, width], of which the configuration may give one for both. */
  pair(key: string, fallback?: number): [number, number] {
    const [height = fallback ?? this.#misses(key, 'one or two numbers'), width = height] = this.numbers(key) ?? [];
    return [height, width];
  }

  has(key: string): boolean {
    return this.#config[key] !== undefined && this.#config[key] !== null;
  }

  /** A weight by the last part of its name, `kernel` for `conv1/kernel`; undefined where the layer has none. */
  weight(name: string): Weight | undefined {
    const variable = this.#layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name);
    if (variable === undefined) return undefined;
    const tensor = variable.read();
    return {
      dims: tensor.shape,
      get data() {
        const data = tensor.dataSync();
        return data instanceof Float32Array ? data : Float32Array.from(data);
      },
    };
  }

  /** @throws GraftError ONNX_LAYER_UNSUPPORTED where the layer has no such weight */
  needWeight(name: string): Weight {
    return this.weight(name) ?? this.#misses(name, 'a weight of this name');
  }

  /** The error for what this layer does and ONNX export does not. */
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
