/** The served graph of a network whose features are several values in one vector: without that detour. */
import { product, sum } from '../arithmetic.ts';
import { type Dims, inferShapes, type Shapes } from '../autodiff/infer-shapes.ts';
import { permutation, positiveAxis, sliceRange } from '../autodiff/node-axes.ts';
import { NodeReader } from '../autodiff/node-reader.ts';
import { writeAttribute } from '../onnx/attribute.ts';
import type { OnnxNode } from '../onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../onnx/protobuf.ts';
import { requiredInputs } from '../onnx/read-onnx.ts';
import { declaredSizes } from '../onnx/value-info.ts';

/**
 * Connects values directly that a graph joins to one vector, and takes apart again. A stored feature vector has a map and
 * the means of earlier maps as its columns; in the served graph, the layers after the cut can read both where they are.
 * That saves copies, and an explanation finds the maps. Results change by rounding errors alone, because ONNX Runtime
 * orders sums by the layout of the maps.
 * @param onnx a model whose operators all have shapes that are known but for the batch
 * @throws GraftError ONNX_GRADIENT_UNSUPPORTED for an operator whose shape is not known
 */
export function bypassColumns(onnx: Uint8Array): Uint8Array {
  const model = decodeModel(onnx);
  const { graph } = model;
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const inputs = new Map<string, Dims>(requiredInputs(graph).map((input) => [input.name, declaredSizes(input)]));
  const shapes = inferShapes(graph.node, constants, inputs);
  const direct = new DirectNodes(shapes);
  const nodes = graph.node.map((node) => direct.rewrite(new NodeReader(node, constants)));
  const node = usedNodes(
    nodes,
    graph.output.map(({ name }) => name),
  );
  const used = new Set(node.flatMap(({ input }) => input));
  const initializer = graph.initializer.filter(({ name }) => used.has(name));
  return encodeModel({ ...model, graph: { ...graph, node, initializer } });
}

class DirectNodes {
  readonly #shapes: Shapes;
  /** The rewritten nodes, by their output. */
  readonly #producers = new Map<string, OnnxNode>();
  /** Vectors [n, size] that a value consists of, one after the other, whatever its shape. */
  readonly #parts = new Map<string, readonly string[]>();
  /** The value that is the same as another one. */
  readonly #same = new Map<string, string>();

  constructor(shapes: Shapes) {
    this.#shapes = shapes;
  }

  /** Rewrites a node. Nodes come in topological order; those that nothing uses any more are left in place. */
  rewrite(reader: NodeReader): OnnxNode {
    const input = reader.node.input.map((name) => this.#same.get(name) ?? name);
    const node = this.#directly(reader, input);
    for (const name of node.output) this.#producers.set(name, node);
    return node;
  }

  #directly(reader: NodeReader, input: readonly string[]): OnnxNode {
    const node = { ...reader.node, input: [...input] };
    const [from = ''] = input;
    const parts = this.#parts.get(from);
    if (node.opType === 'Concat') {
      const isVector = this.#dims(reader.output).length === 2;
      if (isVector)
        this.#parts.set(
          reader.output,
          input.flatMap((name) => this.#parts.get(name) ?? [name]),
        );
    } else if (node.opType === 'Transpose') {
      this.#transpose(reader, from);
    } else if (parts !== undefined && node.opType === 'Slice') {
      this.#slice(reader, from, parts);
    } else if (parts !== undefined && (node.opType === 'Reshape' || node.opType === 'Flatten')) {
      return this.#reshape(reader, node, parts);
    }
    return node;
  }

  /** Of a column, a Transpose changes only the shape. After the opposite Transpose, it has the value before that. */
  #transpose(reader: NodeReader, from: string): void {
    const dims = this.#dims(reader.output);
    const parts = this.#parts.get(from);
    if (parts !== undefined && isColumn(dims)) this.#takeBack(reader.output, parts);
    const before = this.#producers.get(from);
    if (before?.opType !== 'Transpose') return;
    const [first, second] = [new NodeReader(before, new Map()), reader].map((each) => permutation(each, dims.length));
    if (second?.every((axis, i) => first?.[axis] === i)) this.#same.set(reader.output, before.input[0] ?? '');
  }

  /** Of a column, a Slice selects the parts that it covers, if it covers whole ones. */
  #slice(reader: NodeReader, from: string, parts: readonly string[]): void {
    const dims = this.#dims(from);
    const long = dims.findIndex((size, axis) => axis > 0 && size !== 1);
    const axes = reader.integers(3)?.map((axis) => positiveAxis(axis, dims.length)) ?? [...dims.keys()];
    const position = axes.indexOf(long);
    const size = dims[long];
    if (!isColumn(dims) || position < 0 || size === undefined || size === null) return;
    const { start, end, step } = sliceRange(reader, position, size);
    const starts = parts.map((_, i) => sum(parts.slice(0, i).map((part) => this.#size(part))));
    const covered = parts.filter((part, i) => (starts[i] ?? 0) >= start && (starts[i] ?? 0) + this.#size(part) <= end);
    if (step === 1 && sum(covered.map((part) => this.#size(part))) === end - start) this.#parts.set(reader.output, covered);
  }

  /** What takes the parts of a column apart again takes them where they come from. */
  #reshape(reader: NodeReader, node: OnnxNode, parts: readonly string[]): OnnxNode {
    const dims = this.#dims(reader.output);
    this.#takeBack(reader.output, parts);
    if (parts.length === 1) return { ...node, input: [...parts, ...node.input.slice(1)] };
    return dims.length === 2 ? { ...node, opType: 'Concat', input: [...parts], attribute: [writeAttribute('axis', 1)] } : node;
  }

  /** Notes what a value consists of: it may be the only part itself, or the map that this part flattens. */
  #takeBack(value: string, parts: readonly string[]): void {
    const dims = this.#dims(value);
    if (isColumn(dims)) this.#parts.set(value, parts);
    const [only = ''] = parts;
    if (parts.length > 1) return;
    const flattened = this.#producers.get(only);
    const map = flattened?.opType === 'Flatten' ? (flattened.input[0] ?? '') : only;
    const original = [only, map].find((name) => isSame(this.#dims(name), dims));
    if (original !== undefined) this.#same.set(value, original);
  }

  #dims(name: string): Dims {
    return this.#shapes.get(name) ?? [];
  }

  #size(vector: string): number {
    return product(
      this.#dims(vector)
        .slice(1)
        .map((size) => size ?? 1),
    );
  }
}

/** Whether all axes but one, and the batch, have the size 1. */
function isColumn(dims: Dims): boolean {
  return dims.slice(1).filter((size) => size !== 1).length <= 1;
}

function isSame(one: Dims, other: Dims): boolean {
  return one.length === other.length && one.every((size, axis) => axis === 0 || size === other[axis]);
}

/** The nodes on which the results depend. */
function usedNodes(nodes: readonly OnnxNode[], results: readonly string[]): OnnxNode[] {
  const used = new Set(results);
  return nodes
    .toReversed()
    .filter(({ input, output }) => {
      const isUsed = output.some((name) => used.has(name));
      if (isUsed) for (const name of input) used.add(name);
      return isUsed;
    })
    .toReversed();
}
