import { writeAttribute } from './attribute.ts';
import { elementType, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.ts';

/** The axis of a map's channels. */
const CHANNELS = 1;

/**
 * Rewrites nodes that onnxruntime's WebGPU provider 1.30 refuses or computes wrong:
 * - MaxPool with indices, which it refuses: a second MaxPool finds the indices, in float64, which only the CPU has.
 * - A grouped ConvTranspose of several channels a group, which it computes wrong: one ConvTranspose for each group. Only
 *   gradients have one, without a bias.
 */
export function rewriteForWebGpu(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const dims = new Map<string, readonly number[]>([
    ...graph.input.map(({ name, type }) => {
      const { dim = [] } = type?.tensorType?.shape ?? {};
      return [name, dim.map(({ dimValue = 0 }) => dimValue)] as const;
    }),
    ...graph.initializer.map((tensor) => [tensor.name, tensor.dims] as const),
  ]);
  const constants: OnnxTensor[] = [];
  const node = graph.node.flatMap((each) => {
    if (each.opType === 'MaxPool' && each.output.length > 1) return indicesOnCpu(each);
    const groups = each.attribute.find(({ name }) => name === 'group')?.i ?? 1;
    const [channels = 0] = dims.get(each.input[1] ?? '') ?? [];
    if (each.opType !== 'ConvTranspose' || groups === 1 || channels <= groups) return [each];
    return convolveGroups(each, { groups, channels }, constants);
  });
  return { ...model, graph: { ...graph, node, initializer: [...graph.initializer, ...constants] } };
}

function indicesOnCpu(pool: OnnxNode): OnnxNode[] {
  const { name, input, output } = pool;
  const [maxima = '', indices = ''] = output;
  const exact = `${name}/float64`;
  return [
    { ...pool, output: [maxima] },
    { name: exact, opType: 'Cast', input, output: [exact], attribute: [writeAttribute('to', elementType.float64)] },
    { ...pool, name: `${name}/indices`, input: [exact], output: [`${name}/indices`, indices] },
  ];
}

/** @param constants gets the bounds of the slices */
function convolveGroups(
  node: OnnxNode,
  { groups, channels }: { readonly groups: number; readonly channels: number },
  constants: OnnxTensor[],
): OnnxNode[] {
  const { name } = node;
  const [maps = '', kernels = ''] = node.input;
  const perGroup = channels / groups;
  const integer = (of: string, value: number): string => {
    const constant = `${name}/${of}`;
    const rawData = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
    if (constants.every((known) => known.name !== constant))
      constants.push({ name: constant, dims: [1], dataType: elementType.int64, rawData });
    return constant;
  };
  const convolved = Array.from({ length: groups }, (_, group) => {
    const slice = (of: string, value: string, axis: number): OnnxNode => {
      const output = `${name}/${of}_${group}`;
      const [start, end] = [group, group + 1].map((at) => integer(`from_${at * perGroup}`, at * perGroup));
      const input = [value, start ?? '', end ?? '', integer(`axis_${axis}`, axis)];
      return { name: output, opType: 'Slice', input, output: [output], attribute: [] };
    };
    const parts = [slice('maps', maps, CHANNELS), slice('kernels', kernels, 0)];
    const output = `${name}/group_${group}`;
    const attribute = node.attribute.filter((each) => each.name !== 'group');
    const input = parts.flatMap((part) => part.output);
    return { nodes: [...parts, { ...node, name: output, input, output: [output], attribute }], output };
  });
  const concat: OnnxNode = {
    name: `${name}/groups`,
    opType: 'Concat',
    input: convolved.map(({ output }) => output),
    output: node.output,
    attribute: [writeAttribute('axis', CHANNELS)],
  };
  return [...convolved.flatMap(({ nodes }) => nodes), concat];
}
