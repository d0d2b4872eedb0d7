import { ownEntry } from '../own-entry.ts';
import { lazyFloats } from './lazy-floats.ts';
import { elementType, type OnnxNode, type OnnxTensor } from './onnx-model.ts';

interface Known {
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** The exact values of some constants, before rounding to float32. */
  readonly exact: ReadonlyMap<string, readonly number[]>;
}

/**
 * Folds constants in float64. A convolution absorbs the BatchNormalization and the per-channel factors and terms that
 * follow it, and a chain of factors and terms becomes one of each. ONNX Runtime does much of this when it loads a
 * model, but in float32, and its rounding errors grow with every layer of a deep network.
 * @param results the graph's outputs; they keep their names
 */
export function foldConstants(
  nodes: readonly OnnxNode[],
  given: Known,
  results: readonly string[],
): { readonly nodes: readonly OnnxNode[]; readonly constants: readonly OnnxTensor[] } {
  const known = new Map(given.constants);
  const written = new Map<OnnxNode, readonly OnnxNode[]>(nodes.map((node) => [node, [node]]));
  for (const { conv, chain, affine } of findRuns(nodes, given, results)) {
    const last = chain.at(-1);
    if (last === undefined || (conv === undefined && chain.length < 2)) continue;
    for (const node of [...chain, ...(conv ? [conv] : [])]) written.set(node, []);
    written.set(last, conv ? [intoConvolution(conv, affine, last, known)] : asFactorAndTerm(chain, affine, last, known));
  }
  const left = [...written.values()].flat();
  const used = new Set(left.flatMap(({ input }) => input));
  return { nodes: left, constants: [...known.values()].filter(({ name }) => used.has(name)) };
}

/** x * scale + offset, with one number for all channels or one per channel. */
interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/**
 * Consecutive affine nodes, each used only by the next, and the convolution before them if only the first of them
 * uses it.
 */
interface Run {
  readonly conv: OnnxNode | undefined;
  readonly chain: readonly OnnxNode[];
  readonly affine: Affine;
}

const nothing: Affine = { scale: Float64Array.of(1), offset: Float64Array.of(0) };

function findRuns(nodes: readonly OnnxNode[], known: Known, results: readonly string[]): Iterable<Run> {
  const uses = new Map(results.map((name) => [name, 1]));
  for (const name of nodes.flatMap(({ input }) => input)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const runs = new Map<string, Run>();
  for (const node of nodes) {
    const [from = ''] = node.input;
    const [to = ''] = node.output;
    const before = uses.get(from) === 1 ? runs.get(from) : undefined;
    const affine = affineOf(node, known, before?.conv !== undefined);
    if (affine) {
      const { conv, chain, affine: first } = before ?? { conv: undefined, chain: [], affine: nothing };
      const composed = compose(first, affine);
      // A factor of each channel makes several channels of one.
      if (conv !== undefined && !hasFilters(conv, composed, known)) continue;
      runs.delete(before ? from : to);
      runs.set(to, { conv, chain: [...chain, node], affine: composed });
    } else if (isFoldable(node, known, uses)) {
      runs.set(to, { conv: node, chain: [], affine: nothing });
    }
  }
  return runs.values();
}

/** Tells whether a node is a convolution of maps whose kernel no other node uses and whose bias, if any, is constant. */
function isFoldable({ opType, input }: OnnxNode, { constants }: Known, uses: ReadonlyMap<string, number>): boolean {
  const [, kernel = '', bias = ''] = input;
  const isOfMaps = opType === 'Conv' && constants.get(kernel)?.dims.length === 4;
  return isOfMaps && uses.get(kernel) === 1 && (bias === '' || constants.has(bias));
}

/** Whether a convolution has a filter for each number, or the numbers are the same for all filters. */
function hasFilters({ input: [, kernel = ''] }: OnnxNode, { scale, offset }: Affine, { constants }: Known): boolean {
  const [filters] = constants.get(kernel)?.dims ?? [];
  return [scale.length, offset.length].every((length) => length === 1 || length === filters);
}

/** Returns the node's effect on every channel, or undefined if it is not affine. */
function affineOf(
  { opType, input, attribute }: OnnxNode,
  { constants, exact }: Known,
  afterConvolution: boolean,
): Affine | undefined {
  const [first, ...more] = input.slice(1).map((name) => constants.get(name));
  if (opType === 'BatchNormalization') {
    // Except after a convolution, the channel axis is not known.
    const [gamma, beta, mean, variance] = [first, ...more].map((tensor) => tensor && floatsOf(tensor));
    if (!afterConvolution || !gamma || !beta || !mean || !variance) return undefined;
    const epsilon = attribute.find(({ name }) => name === 'epsilon')?.f ?? 1e-5;
    const scale = Float64Array.from(variance, (value, i) => at(gamma, i) / Math.sqrt(value + epsilon));
    return { scale, offset: scale.map((value, i) => at(beta, i) - at(mean, i) * value) };
  }
  const values = first && isPerChannel(first) ? Float64Array.from(exact.get(first.name) ?? floatsOf(first)) : undefined;
  return values && ownEntry(elementwise, opType)?.(values);
}

const elementwise: Readonly<Record<string, (values: Float64Array) => Affine>> = {
  Mul: (scale) => ({ ...nothing, scale }),
  Div: (values) => ({ ...nothing, scale: values.map((value) => 1 / value) }),
  Add: (offset) => ({ ...nothing, offset }),
  Sub: (values) => ({ ...nothing, offset: values.map((value) => -value) }),
};

/** Tells whether the tensor is a float32 scalar, or has one number per channel of a channels-first map. */
function isPerChannel({ dims, dataType }: OnnxTensor): boolean {
  if (dataType !== elementType.float32) return false;
  return dims.length === 0 || (dims.length === 3 && dims[1] === 1 && dims[2] === 1);
}

/** Composes two affine functions: `first`, then `second`. */
function compose(first: Affine, second: Affine): Affine {
  const channels = Math.max(...[first, second].flatMap(({ scale, offset }) => [scale.length, offset.length]));
  const each = (value: (i: number) => number): Float64Array => Float64Array.from({ length: channels }, (_, i) => value(i));
  return {
    scale: each((i) => at(first.scale, i) * at(second.scale, i)),
    offset: each((i) => at(first.offset, i) * at(second.scale, i) + at(second.offset, i)),
  };
}

function intoConvolution(conv: OnnxNode, { scale, offset }: Affine, last: OnnxNode, known: Map<string, OnnxTensor>): OnnxNode {
  const [x = '', kernelName = '', biasName = ''] = conv.input;
  const kernel = known.get(kernelName);
  if (kernel === undefined) return conv;
  const [filters = 1] = kernel.dims;
  const old = known.get(biasName);
  const bias = old ? Float64Array.from(floatsOf(old)) : new Float64Array(filters);
  // By its output: not all nodes of an imported graph have a name, or one of their own.
  const newBias = `${last.output[0]}/bias`;
  known.set(
    kernelName,
    lazyFloats(kernelName, kernel.dims, () => scaled(kernel, scale)),
  );
  known.set(
    newBias,
    floats(
      newBias,
      [filters],
      bias.map((value, i) => value * at(scale, i) + at(offset, i)),
    ),
  );
  return { ...conv, input: [x, kernelName, newBias], output: last.output };
}

/** Multiplies each filter of a convolution's kernel by its factor. */
function scaled(kernel: OnnxTensor, scale: Float64Array): Float32Array {
  const [filters = 1] = kernel.dims;
  const weights = floatsOf(kernel);
  const perFilter = weights.length / filters;
  for (let filter = 0; filter < filters; filter++) {
    const factor = at(scale, filter);
    for (let i = filter * perFilter; i < (filter + 1) * perFilter; i++) weights[i] = (weights[i] ?? 0) * factor;
  }
  return weights;
}

function asFactorAndTerm(
  chain: readonly OnnxNode[],
  { scale, offset }: Affine,
  last: OnnxNode,
  known: Map<string, OnnxTensor>,
): OnnxNode[] {
  const [output] = last.output;
  const product = `${output}/scaled`;
  const [factor, term] = [`${output}/factor`, `${output}/term`];
  for (const [name, values] of [
    [factor, scale],
    [term, offset],
  ] as const) {
    known.set(name, floats(name, values.length === 1 ? [] : [values.length, 1, 1], values));
  }
  return [
    { name: product, opType: 'Mul', input: [chain[0]?.input[0] ?? '', factor], output: [product], attribute: [] },
    { ...last, opType: 'Add', input: [product, term], attribute: [] },
  ];
}

function floats(name: string, dims: readonly number[], values: Float32Array | Float64Array): OnnxTensor {
  const { buffer } = values instanceof Float32Array ? values : Float32Array.from(values);
  return { name, dims, dataType: elementType.float32, rawData: new Uint8Array(buffer) };
}

/** Returns a copy of the tensor's values. */
function floatsOf({ rawData = new Uint8Array() }: OnnxTensor): Float32Array {
  return new Float32Array(new Uint8Array(rawData).buffer);
}

/** Returns the value of a channel, where one value may apply to all channels. */
function at(values: Float32Array | Float64Array, channel: number): number {
  return values[values.length === 1 ? 0 : channel] ?? 0;
}
