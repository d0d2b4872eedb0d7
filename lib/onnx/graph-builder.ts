import { foldConstants } from './fold-constants.ts';
import { keepPads } from './keep-pads.ts';
import { lazyFloats } from './lazy-floats.ts';
import {
  attributeType,
  elementType,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx-model.ts';

/** Sizes in Keras's order: batch first, channels last. Null stands for a dynamic size. */
export type Shape = readonly (number | null)[];

/**
 * A tensor of the graph. `shape` is always in Keras's order. In memory, a map of rank 4 may be `channels-first`, the
 * layout of ONNX's convolutions and pools. `GraphBuilder` transposes it where an operation needs the other layout.
 */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly layout: Layout;
}

/** Memory layout of a map. */
export type Layout = 'channels-last' | 'channels-first';

/** The value of an attribute. Plain numbers are written as integers; `float` marks floats. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** Marks an attribute as float. ONNX distinguishes 1 from 1.0, JavaScript does not. */
export function float(value: number): AttributeValue {
  return { float: value };
}

/** Collects nodes and constants in the order of their addition. All names are unique within the graph. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  /** The exact values of the small constants, before rounding to float32. */
  readonly #exact = new Map<string, readonly number[]>();
  readonly #names = new Set<string>();
  readonly #turned = new Map<string, string>();
  #scope = '';

  /** Runs `write` with the prefix `scope/` for all new names. */
  within<T>(scope: string, write: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return write();
    } finally {
      this.#scope = outer;
    }
  }

  /** Returns a name that is unique in the graph: `name`, else `name_2`, `name_3`, ... */
  unique(name: string): string {
    let free = name;
    for (let count = 2; this.#names.has(free); count++) free = `${name}_${count}`;
    this.#names.add(free);
    return free;
  }

  /** Adds a node with one output. @returns the output's name */
  add(opType: string, input: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    const name = this.unique(this.#scope === '' ? opType : `${this.#scope}/${opType}`);
    const attribute = Object.entries(attributes).map(([key, value]) => writeAttribute(key, value));
    this.#nodes.push({ name, opType, input, output: [name], attribute });
    return name;
  }

  /** Adds a node that keeps its first input's shape and layout. */
  map(
    opType: string,
    value: Value,
    more: readonly string[] = [],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): Value {
    return { ...value, name: this.add(opType, [value.name, ...more], attributes) };
  }

  /**
   * Adds weights once per key, so that a layer that is called twice shares them. Their values are read only when
   * used.
   * @returns the name of the weights
   */
  weights(key: string, make: () => { readonly data: Float32Array; readonly dims: readonly number[] }): string {
    const name = this.#scope === '' ? key : `${this.#scope}/${key}`;
    if (!this.#constants.has(name)) {
      const made = make();
      this.#names.add(name);
      this.#constants.set(
        name,
        lazyFloats(name, made.dims, () => made.data),
      );
    }
    return name;
  }

  /** Adds a small float32 constant, a scalar without `dims`. Equal constants are written once. @returns its name */
  floats(values: readonly number[], dims: readonly number[] = []): string {
    const name = this.#shared(`floats:${dims}:${values}`, {
      dims,
      dataType: elementType.float32,
      rawData: bytesOf(Float32Array.from(values)),
    });
    this.#exact.set(name, values);
    return name;
  }

  /**
   * Adds an int64 vector, as ONNX requires for shapes, axes and pads. Equal ones are written once. @returns its name
   */
  integers(values: readonly number[]): string {
    const rawData = bytesOf(BigInt64Array.from(values, BigInt));
    return this.#shared(`integers:${values}`, { dims: [values.length], dataType: elementType.int64, rawData });
  }

  #shared(name: string, tensor: Omit<OnnxTensor, 'name'>): string {
    if (!this.#constants.has(name)) this.#constants.set(name, { name, ...tensor });
    return name;
  }

  /** Transposes a map so that its channels follow the batch axis. Other values stay unchanged. */
  channelsFirst(value: Value): Value {
    return this.#inLayout(value, 'channels-first');
  }

  channelsLast(value: Value): Value {
    return this.#inLayout(value, 'channels-last');
  }

  #inLayout(value: Value, layout: Layout): Value {
    if (value.shape.length !== 4 || value.layout === layout) return value;
    const known = this.#turned.get(value.name);
    const name =
      known ?? this.add('Transpose', [value.name], { perm: layout === 'channels-first' ? [0, 3, 1, 2] : [0, 2, 3, 1] });
    this.#turned.set(value.name, name).set(name, value.name);
    return { ...value, name, layout };
  }

  /** Declares a float32 input of the graph. */
  input(name: string, shape: Shape): { readonly value: Value; readonly info: OnnxValueInfo } {
    const free = this.unique(name);
    return { value: { name: free, shape, layout: 'channels-last' }, info: valueInfo(free, shape) };
  }

  /** Builds the graph from one declared input to `result`, which becomes the output `outputName`, channels last. */
  finish(name: string, input: OnnxValueInfo, result: Value, outputName: string): OnnxGraph {
    const last = this.channelsLast(result);
    const written = this.#nodes.some(({ output }) => output.includes(last.name));
    const from = written ? last.name : this.add('Identity', [last.name]);
    const rename = (value: string): string => (value === from ? outputName : value);
    const padded = keepPads(this.#nodes, () => this.integers([0, 1, 2, 3]));
    const { nodes, constants } = foldConstants(padded, { constants: this.#constants, exact: this.#exact }, from);
    return {
      name,
      node: nodes.map((node) => ({ ...node, input: node.input.map(rename), output: node.output.map(rename) })),
      initializer: constants,
      input: [input],
      output: [valueInfo(outputName, last.shape)],
      valueInfo: [],
    };
  }
}

/** Converts a Keras axis to the axis in the value's own layout. */
export function axisOf({ shape, layout }: Value, kerasAxis: number): number {
  const axis = kerasAxis < 0 ? shape.length + kerasAxis : kerasAxis;
  if (shape.length !== 4 || layout === 'channels-last') return axis;
  return [0, 2, 3, 1][axis] ?? axis;
}

/** Returns the dims with which one number per channel (Keras's last axis) broadcasts over the value. */
export function perChannel({ shape, layout }: Value, channels: number): number[] {
  return shape.length === 4 && layout === 'channels-first' ? [channels, 1, 1] : [channels];
}

function valueInfo(name: string, shape: Shape): OnnxValueInfo {
  const dim = shape.map((size, axis) =>
    size === null ? { dimParam: axis === 0 ? 'N' : `${name}_${axis}` } : { dimValue: size },
  );
  return { name, type: { tensorType: { elemType: elementType.float32, shape: { dim } } } };
}

function writeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value };
  if (typeof value === 'string') return { name, type: attributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: attributeType.float, f: value.float };
  return { name, type: attributeType.ints, ints: value };
}

function bytesOf(array: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
