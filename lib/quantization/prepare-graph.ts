import { foldConstants } from '../onnx/fold-constants.ts';
import { attributeType, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor } from '../onnx/onnx-model.ts';
import { floatsOf } from '../onnx/read-tensor.ts';

/**
 * Prepares a graph for quantization: convolutions absorb the BatchNormalization and the per-channel factors that
 * follow them, and the zero padding before them, so that int8 layers are adjacent.
 */
export function prepareGraph(model: OnnxModel): OnnxModel {
  const { graph } = model;
  // A graph inside a node may use any value.
  if (graph.node.some(({ attribute }) => attribute.some(({ g, graphs }) => g !== undefined || graphs?.length))) return model;
  const floats = graph.initializer.flatMap((tensor) => withRawData(tensor));
  const others = graph.initializer.filter((tensor) => floats.every(({ name }) => name !== tensor.name));
  const constants = new Map(floats.map((tensor) => [tensor.name, tensor]));
  const results = graph.output.map(({ name }) => name);
  const folded = foldConstants(graph.node, { constants, exact: new Map() }, results);
  return { ...model, graph: foldPads({ ...graph, node: folded.nodes, initializer: [...folded.constants, ...others] }) };
}

/** Constants that are folded must be float32 and have their values as bytes. */
function withRawData(tensor: OnnxTensor): OnnxTensor[] {
  const values = floatsOf(tensor);
  if (values === undefined) return [];
  return [tensor.rawData?.length ? tensor : { ...tensor, rawData: new Uint8Array(values.buffer) }];
}

function foldPads(graph: OnnxGraph): OnnxGraph {
  const pads = new Map(graph.node.flatMap((node) => (node.opType === 'Pad' ? [[node.output[0] ?? '', node] as const] : [])));
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const node = graph.node.map((each) => {
    const pad = each.opType === 'Conv' ? pads.get(each.input[0] ?? '') : undefined;
    const widths = pad && spatialPads(pad, constants);
    return pad && widths ? (withPads(each, pad.input[0] ?? '', widths) ?? each) : each;
  });
  const used = new Set([...node.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  return { ...graph, node: node.filter(({ opType, output }) => opType !== 'Pad' || output.some((name) => used.has(name))) };
}

/** Returns [top, left, bottom, right] of a Pad of maps [N, C, H, W] with zeros; undefined for any other Pad. */
function spatialPads({ input, attribute }: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): readonly number[] | undefined {
  const mode = attribute.find(({ name }) => name === 'mode')?.s;
  const pads = constants.get(input[1] ?? '')?.rawData;
  const plain =
    input.slice(2).every((name) => name === '') && (mode === undefined || new TextDecoder().decode(mode) === 'constant');
  if (!plain || pads === undefined || pads.length !== 64) return undefined;
  const [n, c, top, left, n2, c2, bottom, right] = Array.from(new BigInt64Array(new Uint8Array(pads).buffer), Number);
  const widths = [top ?? 0, left ?? 0, bottom ?? 0, right ?? 0];
  return n || c || n2 || c2 || widths.some((width) => width < 0) ? undefined : widths;
}

function withPads(conv: OnnxNode, input: string, widths: readonly number[]): OnnxNode | undefined {
  const attributes = new Map(conv.attribute.map((attribute) => [attribute.name, attribute]));
  const auto = attributes.get('auto_pad')?.s;
  if (auto !== undefined && new TextDecoder().decode(auto) !== 'NOTSET') return undefined;
  const own = attributes.get('pads')?.ints ?? [];
  const ints = widths.map((width, i) => width + (own[i] ?? 0));
  attributes.set('pads', { name: 'pads', type: attributeType.ints, ints });
  return { ...conv, input: [input, ...conv.input.slice(1)], attribute: [...attributes.values()] };
}
