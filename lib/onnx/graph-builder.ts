import { type AttributeValue, writeAttribute } from './attribute.ts';
import { foldConstants } from './fold-constants.ts';
import type { GraphParameter, Layout, Shape, Value } from './graph-value.ts';
import { keepPads } from './keep-pads.ts';
import type { Weight, WeightOrigin } from './layer-reader.ts';
import { lazyFloats } from './lazy-floats.ts';
import { elementType, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValueInfo } from './onnx-model.ts';
import { valueInfo } from './value-info.ts';

export type { GraphParameter, Layout, Shape, Value };

/** Collects nodes and constants in the order of their addition. All names are unique within the graph. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  /** The exact values of the small constants, before rounding to float32. */
  readonly #exact = new Map<string, readonly number[]>();
  readonly #names = new Set<string>();
  readonly #turned = new Map<string, string>();
  readonly #weights = new Map<string, string>();
  readonly #parameters = new Map<string, GraphParameter>();
  readonly #isParameter: (weight: string) => boolean;
  #scope = '';

  /** @param isParameter tells which weights (`layer/kernel`) are inputs of the graph; default: all are constants */
  constructor(isParameter: (weight: string) => boolean = () => false) {
    this.#isParameter = isParameter;
  }

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

  /** Keeps a name from being given, however often it is used. */
  reserve(name: string): void {
    this.#names.add(name);
  }

  /** Adds a node with one output. @returns the output's name */
  add(opType: string, input: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    const name = this.unique(this.#scope === '' ? opType : `${this.#scope}/${opType}`);
    const attribute = Object.entries(attributes).map(([key, value]) => writeAttribute(key, value));
    this.#nodes.push({ name, opType, input, output: [name], attribute });
    return name;
  }

  /** Gives the node of an output another output. @returns its name */
  addOutput(of: string): string {
    const index = this.#nodes.findIndex(({ output }) => output.includes(of));
    const node = this.#nodes[index];
    if (node === undefined) throw new TypeError(`no node has the output ${of}`);
    const name = this.unique(`${of}/${node.output.length}`);
    this.#nodes[index] = { ...node, output: [...node.output, name] };
    return name;
  }

  /** Adds nodes and constants of another graph under their own names, which nothing here may have yet. */
  include({ node, initializer }: Pick<OnnxGraph, 'node' | 'initializer'>): void {
    for (const tensor of initializer) this.#constants.set(tensor.name, tensor);
    for (const { output } of node) for (const name of output) this.#names.add(name);
    for (const { name } of initializer) this.#names.add(name);
    this.#nodes.push(...node);
  }

  /** What has been added so far. */
  get written(): Pick<OnnxGraph, 'node' | 'initializer'> & { readonly parameters: readonly GraphParameter[] } {
    return { node: [...this.#nodes], initializer: [...this.#constants.values()], parameters: [...this.#parameters.values()] };
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
   * used. A parameter becomes an input in the layout of `make`.
   * @returns the name of the weights
   */
  weights(key: string, make: () => Weight): string {
    const name = this.#scope === '' ? key : `${this.#scope}/${key}`;
    const known = this.#weights.get(name);
    if (known !== undefined) return known;
    const made = make();
    const written =
      made.origin !== undefined && this.#isParameter(made.origin.name)
        ? this.#parameter(made.origin, made.dims)
        : this.#constant(name, made);
    this.#weights.set(name, written);
    return written;
  }

  #constant(name: string, made: Weight): string {
    this.#names.add(name);
    this.#constants.set(
      name,
      lazyFloats(name, made.dims, () => made.data),
    );
    return name;
  }

  #parameter(origin: WeightOrigin, dims: readonly number[]): string {
    const { name, order } = origin;
    const known = this.#parameters.get(name);
    if (known === undefined) {
      this.#names.add(name);
      this.#parameters.set(name, { name, dims, order });
      return name;
    }
    const inOrder = `${known.order}` === `${order}` ? name : this.#reordered(known, origin);
    return `${known.dims}` === `${dims}` && inOrder === name ? name : this.add('Reshape', [inOrder, this.integers(dims)]);
  }

  /** A parameter whose axes are in another order than those of the input. */
  #reordered(known: GraphParameter, { dims, order }: WeightOrigin): string {
    const axes = dims.map((_, axis) => axis);
    const from = known.order ?? axes;
    const shaped = this.add('Reshape', [known.name, this.integers(from.map((axis) => dims[axis] ?? 1))]);
    return this.add('Transpose', [shaped], { perm: (order ?? axes).map((axis) => from.indexOf(axis)) });
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
    return this.#shared(`integers:${values}`, int64Vector(values));
  }

  /** Adds an int64 vector under a short name of its own: `integers` names a vector by all its values. @returns its name */
  indices(values: readonly number[]): string {
    const name = this.unique(this.#scope === '' ? 'indices' : `${this.#scope}/indices`);
    this.#constants.set(name, { name, ...int64Vector(values) });
    return name;
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

  /** Declares an input of the graph; by default, its elements are float32. */
  input(name: string, shape: Shape, type?: keyof typeof elementType): { readonly value: Value; readonly info: OnnxValueInfo } {
    const free = this.unique(name);
    return { value: { name: free, shape, layout: 'channels-last' }, info: valueInfo(free, shape, type) };
  }

  /** Builds the graph from one declared input to `result`, which becomes the output `outputName`, channels last. */
  finish(name: string, input: OnnxValueInfo, result: Value, outputName: string): OnnxGraph {
    const last = this.channelsLast(result);
    const written = this.#nodes.some(({ output }) => output.includes(last.name));
    const from = written ? last.name : this.add('Identity', [last.name]);
    const rename = (value: string): string => (value === from ? outputName : value);
    const padded = keepPads(this.#nodes, () => this.integers([0, 1, 2, 3]));
    const { nodes, constants } = foldConstants(padded, { constants: this.#constants, exact: this.#exact }, [from]);
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

function int64Vector(values: readonly number[]): Omit<OnnxTensor, 'name'> {
  return { dims: [values.length], dataType: elementType.int64, rawData: bytesOf(BigInt64Array.from(values, BigInt)) };
}

function bytesOf(array: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
