import { nearest } from '../../contracts/explain/nearest.ts';
import { DataError } from '../../errors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxOpset, OnnxTensor, OnnxValueInfo } from '../../onnx/onnx-model.ts';
import { opsetOf, requiredInputs } from '../../onnx/read-onnx.ts';

/** The part of an ONNX graph from the images to one value. */
export interface Encoder {
  /** The only input of this part. */
  readonly images: OnnxValueInfo;
  /** Name of the value that holds the features. */
  readonly output: string;
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly OnnxTensor[];
  /** The opset of ONNX's own operators. */
  readonly opset: number;
  /** The operator sets of this part's nodes. */
  readonly opsetImport: readonly OnnxOpset[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Cuts a model at a value and removes everything that the value does not depend on, such as the text half of a CLIP
 * and its inputs.
 * @param output the value's name; optional if the model has one output
 * @throws DataError OWN_MODEL_OUTPUT_MISSING, OWN_MODEL_OUTPUT_UNKNOWN, OWN_MODEL_INPUTS
 */
export function cutEncoder(model: OnnxModel, output: string | undefined): Encoder {
  const { graph } = model;
  const chosen = output ?? soleOutput(graph);
  const { nodes, names } = ancestors(graph, chosen);
  const inputs = requiredInputs(graph).filter(({ name }) => names.has(name));
  const [images, ...more] = inputs;
  if (images === undefined || more.length > 0) throw severalInputs(chosen, inputs);
  return {
    images,
    output: chosen,
    nodes,
    weights: graph.initializer.filter(({ name }) => names.has(name)),
    opset: opsetOf(model),
    opsetImport: opsetsOf(model, nodes),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

/** Returns the nodes that a value needs, in order. @param from a value that is given, without the nodes before it */
export function neededFor(output: string, nodes: readonly OnnxNode[], from?: string): OnnxNode[] {
  const needed = new Set([output]);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.output.some((name) => name !== from && needed.has(name))) return false;
    for (const { input } of eachNode([node])) for (const name of input) needed.add(name);
    return true;
  });
  return kept.toReversed();
}

/** Iterates over nodes and, recursively, the nodes of their subgraphs. */
export function* eachNode(nodes: readonly OnnxNode[]): Generator<OnnxNode> {
  for (const node of nodes) {
    yield node;
    for (const graph of subgraphs(node)) yield* eachNode(graph.node);
  }
}

/** Returns the subgraphs of a node. */
export function subgraphs({ attribute }: OnnxNode): OnnxGraph[] {
  return attribute.flatMap(({ g, graphs = [] }) => (g === undefined ? [...graphs] : [g, ...graphs]));
}

/** Returns a value's sizes. A string names a dynamic size. */
export function shapeOf({ type }: OnnxValueInfo): (number | string)[] {
  return (type?.tensorType?.shape?.dim ?? []).map(({ dimValue, dimParam }) => (dimValue ? dimValue : dimParam || '?'));
}

function ancestors(graph: OnnxGraph, output: string): { nodes: OnnxNode[]; names: Set<string> } {
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  if (!makers.has(output)) throw unknownOutput(graph, output, [...makers.keys()]);
  const names = new Set<string>();
  const needed = new Set<OnnxNode>();
  for (const open = [output]; open.length > 0; ) {
    const name = open.pop() ?? '';
    if (names.has(name)) continue;
    names.add(name);
    const node = makers.get(name);
    if (node === undefined || needed.has(node)) continue;
    needed.add(node);
    // A subgraph may read values from outside.
    for (const inner of eachNode([node])) open.push(...inner.input);
    for (const inner of subgraphs(node)) open.push(...inner.output.map(({ name: outer }) => outer));
  }
  return { nodes: graph.node.filter((node) => needed.has(node)), names };
}

/**
 * Returns the operator sets of the nodes. The domain of ONNX's own operators has two names, but onnxruntime accepts
 * only one entry for it.
 */
function opsetsOf(model: OnnxModel, nodes: readonly OnnxNode[]): OnnxOpset[] {
  const used = new Set([...eachNode(nodes)].map(({ domain = '' }) => domain));
  const others = model.opsetImport.filter(({ domain = '' }) => domain !== '' && domain !== 'ai.onnx' && used.has(domain));
  return [{ domain: '', version: opsetOf(model) }, ...others];
}

function soleOutput({ output }: OnnxGraph): string {
  const [only, ...more] = output;
  // A damaged file may lack any name.
  if (only?.name && more.length === 0) return only.name;
  throw new DataError('OWN_MODEL_OUTPUT_MISSING', {
    at: 'own.output',
    expected: `one of the model's outputs: ${listed(output)}`,
    received: 'none',
    fix: 'name the output that holds the features of an image: --own-output NAME',
  });
}

function unknownOutput({ output }: OnnxGraph, received: string, values: readonly string[]): DataError {
  const meant = nearest(received, values);
  return new DataError('OWN_MODEL_OUTPUT_UNKNOWN', {
    at: 'own.output',
    expected: `a value of the graph; its outputs are ${listed(output)}`,
    received,
    fix: meant === undefined ? 'name one of the outputs: --own-output NAME' : `did you mean ${meant}?`,
  });
}

function severalInputs(output: string, inputs: readonly OnnxValueInfo[]): DataError {
  return new DataError('OWN_MODEL_INPUTS', {
    at: output,
    expected: 'an output that needs one input, the images',
    received: inputs.length === 0 ? 'one that needs no input' : listed(inputs),
    fix: 'name an output that needs only images (--own-output), or export the vision encoder alone',
  });
}

function listed(values: readonly OnnxValueInfo[]): string {
  return values.map((value) => `${value.name} [${shapeOf(value).join(', ')}]`).join(', ');
}
