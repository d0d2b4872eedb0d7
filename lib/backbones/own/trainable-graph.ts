import { broadcast, type Dims, inferShapes } from '../../autodiff/infer-shapes.ts';
import { GraftError } from '../../errors.ts';
import { OPSET } from '../../onnx/graft-model.ts';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { elementType, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';
import { withRawData } from '../../onnx/raw-data.ts';
import { ownEntry } from '../../own-entry.ts';
import { type Encoder, eachNode, neededFor } from './encoder.ts';
import { computeNumbers, type KnownNumbers, numbersOf, tensorOf } from './known-numbers.ts';
import { toOpset20 } from './to-opset-20.ts';
import { builderBeside } from './write-encoder.ts';

/** An encoder at opset 20, and what is known of its values. */
export interface TrainableGraph {
  readonly encoder: Encoder;
  /** Shapes of inputs, weights and values; null stands for the batch. Values of operators without a gradient have none. */
  readonly shapes: ReadonlyMap<string, Dims>;
}

/**
 * Brings an encoder to opset 20, in which it can be cut and trained: `Constant` nodes become weights, and what it
 * computes of the shapes of its values is written as constants.
 * @param imageShape of one image as the encoder takes it
 */
export function toTrainableGraph(encoder: Encoder, imageShape: readonly number[]): TrainableGraph {
  const writer = new Writer(encoder, imageShape);
  for (const node of encoder.nodes) writer.write(node);
  return writer.finish();
}

class Writer {
  readonly #encoder: Encoder;
  readonly #graph: GraphBuilder;
  readonly #weights: Map<string, OnnxTensor>;
  readonly #shapes: Map<string, Dims>;
  readonly #numbers = new Map<string, KnownNumbers>();
  readonly #nodes: OnnxNode[] = [];

  constructor(encoder: Encoder, imageShape: readonly number[]) {
    this.#encoder = encoder;
    this.#graph = builderBeside(encoder);
    this.#weights = new Map(encoder.weights.map((tensor) => [tensor.name, withRawData(tensor)]));
    this.#shapes = new Map<string, Dims>([
      [encoder.images.name, [null, ...imageShape]],
      ...encoder.weights.map(({ name, dims }) => [name, dims] as const),
    ]);
  }

  write(node: OnnxNode): void {
    const [output = ''] = node.output;
    const constant = node.opType === 'Constant' ? constantOf(node) : undefined;
    const numbers = computeNumbers(
      node,
      (name) => this.#numbersOf(name),
      (name) => this.#shapes.get(name),
    );
    const computed = constant ?? (numbers && tensorOf(output, numbers));
    if (computed !== undefined) this.#addWeight(computed);
    else this.#writeComputed(node, numbers);
  }

  #writeComputed(node: OnnxNode, numbers: KnownNumbers | undefined): void {
    const [output = ''] = node.output;
    const rewritten = toOpset20(node, {
      opset: this.#encoder.opset,
      graph: this.#graph,
      dims: (name) => this.#shapes.get(name),
      integers: (name) => this.#integersOf(name),
    });
    for (const each of rewritten) this.#add(each.opType === 'Reshape' ? this.#withKnownShape(each) : each);
    if (numbers === undefined) return;
    this.#numbers.set(output, numbers);
    this.#shapes.set(output, numbers.dims);
  }

  finish(): TrainableGraph {
    const { output, opsetImport, ...encoder } = this.#encoder;
    const { initializer } = this.#graph.written;
    const weights = [...this.#weights.values(), ...initializer];
    const others = opsetImport.filter(({ domain = '' }) => domain !== '');
    const nodes = neededFor(output, this.#nodes);
    const used = new Set([...eachNode(nodes)].flatMap(({ input }) => input));
    const shapes = new Map([...this.#shapes, ...initializer.map(({ name, dims }) => [name, dims] as const)]);
    return {
      shapes,
      encoder: {
        ...encoder,
        output,
        nodes,
        weights: weights.filter(({ name }) => used.has(name)),
        opset: OPSET,
        opsetImport: [{ domain: '', version: OPSET }, ...others],
      },
    };
  }

  #addWeight(tensor: OnnxTensor): void {
    this.#weights.set(tensor.name, tensor);
    this.#shapes.set(tensor.name, tensor.dims);
  }

  #add(node: OnnxNode): void {
    this.#nodes.push(node);
    const constants = new Map(this.#graph.written.initializer.map((tensor) => [tensor.name, tensor]));
    for (const name of node.input) {
      const weight = this.#weights.get(name);
      if (weight !== undefined) constants.set(name, weight);
    }
    const isKnown = node.input.every((name) => name === '' || this.#shapes.has(name) || constants.has(name));
    const [output = ''] = node.output;
    const shape = isKnown ? (this.#expanded(node) ?? inferOne(node, constants, this.#shapes)) : undefined;
    if (shape !== undefined) this.#shapes.set(output, shape);
  }

  /** The shape of an Expand may depend on the batch. */
  #expanded({ opType, input: [x = '', shape = ''] }: OnnxNode): Dims | undefined {
    const numbers = opType === 'Expand' ? this.#numbersOf(shape) : undefined;
    return numbers && broadcast(this.#shapes.get(x) ?? [], numbers.values);
  }

  #numbersOf(name: string): KnownNumbers | undefined {
    const tensor = this.#weights.get(name);
    return this.#numbers.get(name) ?? (tensor && numbersOf(tensor));
  }

  #integersOf(name: string): readonly number[] | undefined {
    const { values = [], type } = this.#numbersOf(name) ?? {};
    const all = values.filter((value) => value !== null);
    return type === undefined || type === elementType.float32 || all.length < values.length ? undefined : all;
  }

  /** A shape that depends on the batch in one place leaves that place open, if no other one is. */
  #withKnownShape(node: OnnxNode): OnnxNode {
    const [x = '', shape = ''] = node.input;
    const { values = [] } = this.#numbers.get(shape) ?? {};
    if (values.filter((value) => value === null).length !== 1) return node;
    const isFirst = values[0] === null && this.#shapes.get(x)?.[0] === null;
    if (values.includes(-1) && !isFirst) return node;
    const open = values.includes(-1) ? 0 : -1;
    return { ...node, input: [x, this.#graph.integers(values.map((value) => value ?? open))] };
  }
}

/** Operators without a gradient, and one with a gradient that gives values of the same shape. */
const shapedLike: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['Acos', 'Asin', 'Atan', 'Ceil', 'Celu', 'Cos', 'Cosh', 'Floor', 'GroupNormalization', 'Hardmax'],
      ...['InstanceNormalization', 'IsInf', 'IsNaN', 'LRN', 'LpNormalization', 'Not', 'PRelu', 'Round', 'Sin', 'Sinh'],
      ...['Tan', 'ThresholdedRelu', 'Trilu'],
    ].map((opType) => [opType, 'Identity']),
  ),
  ...Object.fromEntries(['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Min', 'Prod'].map((name) => [`Reduce${name}`, 'ReduceSum'])),
  ...Object.fromEntries(
    ['And', 'Equal', 'Greater', 'Less', 'LessOrEqual', 'Mean', 'Mod', 'Or', 'Sum', 'Where', 'Xor'].map((opType) => [
      opType,
      'Max',
    ]),
  ),
};

function inferOne(
  node: OnnxNode,
  constants: ReadonlyMap<string, OnnxTensor>,
  shapes: ReadonlyMap<string, Dims>,
): Dims | undefined {
  const inputs = new Map(
    node.input.flatMap((name) => {
      const dims = shapes.get(name);
      return dims === undefined ? [] : [[name, dims] as const];
    }),
  );
  try {
    return inferShapes([{ ...node, opType: ownEntry(shapedLike, node.opType) ?? node.opType }], constants, inputs).get(
      node.output[0] ?? '',
    );
  } catch (error) {
    if (error instanceof GraftError && error.code === 'ONNX_GRADIENT_UNSUPPORTED') return undefined;
    throw error;
  }
}

/** The tensor of a `Constant` node. @returns undefined for one of strings or of a sparse tensor */
function constantOf({ attribute: [attribute], output: [name = ''] }: OnnxNode): OnnxTensor | undefined {
  const { t, f, i, floats = [], ints = [], name: kind } = attribute ?? {};
  if (t !== undefined) return withRawData({ ...t, name });
  const type = kind?.startsWith('value_float') ? elementType.float32 : elementType.int64;
  const isVector = kind === 'value_floats' || kind === 'value_ints';
  if (!isVector && kind !== 'value_float' && kind !== 'value_int') return undefined;
  const values = isVector ? [...floats, ...ints] : [f ?? i ?? 0];
  return tensorOf(name, { values, dims: isVector ? [values.length] : [], type });
}
