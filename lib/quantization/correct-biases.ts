import { at, at32 } from '../arithmetic.ts';
import { elementType, type OnnxModel, type OnnxNode } from '../onnx/onnx-model.ts';
import { floatsOf } from '../onnx/read-tensor.ts';
import { openTensorSession } from '../onnx/tensor-session.ts';
import type { ActivationRange } from './activation-range.ts';
import type { Layer } from './find-layers.ts';
import { makeTensor } from './make-tensor.ts';
import type { Images } from './measure-ranges.ts';
import { QuantizedWriter } from './quantized-writer.ts';
import { untilOutputs } from './until-outputs.ts';

/**
 * Corrects the biases of int8 layers: rounding moves the mean of each channel, and global average pools keep such
 * errors while all others cancel out (Nagel et al., arXiv:1906.04721, section 4.2). Each layer computes the same
 * inputs in float and in int8, and its bias takes up the difference.
 * @param model as `prepareGraph` returns it
 * @returns the layers with corrected biases; a MatMul has none, and stays as it is
 * @throws the signal's reason
 */
export async function correctBiases(
  model: OnnxModel,
  layers: readonly Layer[],
  ranges: ReadonlyMap<string, ActivationRange>,
  images: Images,
): Promise<Layer[]> {
  const means = await channelMeans(
    withInt8Copies(model, layers, ranges),
    layers.flatMap(({ output }) => [output, copyOf(output)]),
    images,
  );
  return layers.map((layer) => {
    if (layer.opType === 'MatMul') return layer;
    const old = layer.bias && floatsOf(layer.bias);
    const after = means.get(copyOf(layer.output)) ?? [];
    const bias = Float32Array.from(means.get(layer.output) ?? [], (mean, i) => (old?.[i] ?? 0) + mean - (after[i] ?? 0));
    return { ...layer, bias: makeTensor(`${layer.output}/bias`, [bias.length], elementType.float32, bias) };
  });
}

function copyOf(output: string): string {
  return `${output}/int8`;
}

/** Adds an int8 copy of each layer, which reads the same float values. */
function withInt8Copies(model: OnnxModel, layers: readonly Layer[], ranges: ReadonlyMap<string, ActivationRange>): OnnxModel {
  const { graph } = model;
  const nodes = new Map(graph.node.map((node) => [node.output[0] ?? '', node]));
  const writer = new QuantizedWriter();
  const quantized = new Set<string>();
  const copies = layers.flatMap((layer): OnnxNode[] => {
    const range = ranges.get(layer.input);
    const node = nodes.get(layer.output);
    if (range === undefined || node === undefined) return [];
    const written = quantized.has(layer.input) ? [] : writer.activation(layer.input, range);
    quantized.add(layer.input);
    const output = copyOf(layer.output);
    const copy = { ...node, name: output, output: [output], input: [`${layer.input}/dequantized`, ...node.input.slice(1)] };
    return [...written, ...writer.layer(copy, layer, range)];
  });
  const initializer = [...graph.initializer, ...writer.constants];
  return { ...model, graph: { ...graph, node: [...graph.node, ...copies], initializer } };
}

/** Computes the mean of each channel of values [1, channels, ...] over images and positions. */
async function channelMeans(
  model: OnnxModel,
  names: readonly string[],
  { pixels, height, width, input, signal }: Images,
): Promise<Map<string, Float64Array>> {
  const session = await openTensorSession(untilOutputs(model, names));
  const means = new Map<string, Float64Array>();
  try {
    for (const data of pixels) {
      signal?.throwIfAborted();
      const feeds = new Map([[input, { data, dims: [1, height, width, 3] }]]);
      const results = await session.run(feeds, new Map(names.map((name) => [name, undefined])));
      for (const [name, { data: values, dims }] of results) {
        const own = means.get(name) ?? new Float64Array(dims[1] ?? 1);
        addMeans(own, values, pixels.length);
        means.set(name, own);
      }
    }
  } finally {
    await session.close();
  }
  return means;
}

function addMeans(means: Float64Array, values: Float32Array, images: number): void {
  const positions = values.length / means.length;
  for (let channel = 0; channel < means.length; channel++) {
    let total = 0;
    for (let i = channel * positions; i < (channel + 1) * positions; i++) total += at32(values, i);
    means[channel] = at(means, channel) + total / positions / images;
  }
}
