import { product } from '../../arithmetic.ts';
import type { ImageLayout } from '../../contracts/own-model.ts';
import { elementType, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';
import type { Encoder } from './encoder.ts';

/** The first operations of a graph on its images, which show the format that it expects. */
export interface InputPreprocessing {
  /** Layout of the images. Undefined if no operation shows it. */
  readonly layout: ImageLayout | undefined;
  /**
   * The graph's own scaling of the pixels before its first real layer, x * scale + offset. Undefined if there is
   * none.
   */
  readonly normalization: InputAffine | undefined;
  /** The first convolution, with its kernel. */
  readonly convolution: { readonly node: OnnxNode; readonly kernel: OnnxTensor | undefined } | undefined;
}

/** Scale and offset: one number each, or one per channel. */
export interface InputAffine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** Follows the image through transposes, casts, scales and offsets while it has only one consumer. */
export function readInputPreprocessing({ images, nodes, weights }: Encoder): InputPreprocessing {
  const constants = constantsOf(nodes, weights);
  let layout: ImageLayout | undefined;
  let normalization: InputAffine | undefined;
  for (let value = images.name; ; ) {
    const node = soleReader(nodes, value);
    const [result] = node?.output ?? [];
    if (node === undefined || result === undefined) return { layout, normalization, convolution: undefined };
    if (node.opType === 'Conv') {
      const kernel = constants.get(node.input[1] ?? '');
      return { layout: layout ?? 'NCHW', normalization, convolution: { node, kernel } };
    }
    const turned = node.opType === 'Transpose' ? layoutBefore(node) : undefined;
    const affine = affineOf(node, value, constants);
    if (turned === undefined && affine === undefined && node.opType !== 'Cast' && node.opType !== 'Identity')
      return { layout, normalization, convolution: undefined };
    layout ??= turned;
    if (affine !== undefined) normalization = compose(normalization ?? identity, affine);
    value = result;
  }
}

const identity: InputAffine = { scale: [1], offset: [0] };

/**
 * Returns the only node that uses the value, if there is exactly one. Nodes that only read its shape do not count.
 */
function soleReader(nodes: readonly OnnxNode[], value: string): OnnxNode | undefined {
  const readers = nodes.filter(({ opType, input }) => input.includes(value) && opType !== 'Shape' && opType !== 'Size');
  return readers.length === 1 ? readers[0] : undefined;
}

function layoutBefore({ attribute }: OnnxNode): ImageLayout | undefined {
  const order = attribute.find(({ name }) => name === 'perm')?.ints?.join();
  if (order === '0,3,1,2') return 'NHWC';
  return order === '0,2,3,1' ? 'NCHW' : undefined;
}

function affineOf(
  { opType, input }: OnnxNode,
  value: string,
  constants: ReadonlyMap<string, OnnxTensor>,
): InputAffine | undefined {
  const [left = '', right = ''] = input;
  const swapped = right === value;
  const tensor = constants.get(swapped ? left : right);
  const numbers = tensor === undefined ? undefined : numbersOf(tensor, 3);
  if (numbers === undefined || (numbers.length !== 1 && numbers.length !== 3)) return undefined;
  if (opType === 'Add') return { scale: [1], offset: numbers };
  if (opType === 'Mul') return { scale: numbers, offset: [0] };
  if (swapped) return undefined;
  if (opType === 'Sub') return { scale: [1], offset: numbers.map((number) => -number) };
  return opType === 'Div' ? { scale: numbers.map((number) => 1 / number), offset: [0] } : undefined;
}

function compose(first: InputAffine, then: InputAffine): InputAffine {
  const scaled = zip(first.offset, then.scale, (a, b) => a * b);
  return { scale: zip(first.scale, then.scale, (a, b) => a * b), offset: zip(scaled, then.offset, (a, b) => a + b) };
}

/** Combines two lists elementwise. A list of one number is broadcast. */
function zip(a: readonly number[], b: readonly number[], both: (a: number, b: number) => number): number[] {
  const at = (list: readonly number[], index: number): number => list[list.length === 1 ? 0 : index] ?? 0;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => both(at(a, index), at(b, index)));
}

function constantsOf(nodes: readonly OnnxNode[], weights: readonly OnnxTensor[]): Map<string, OnnxTensor> {
  const constants = new Map(weights.map((tensor) => [tensor.name, tensor]));
  for (const { opType, output, attribute } of nodes) {
    const tensor = attribute.find(({ name }) => name === 'value')?.t;
    if (opType === 'Constant' && tensor !== undefined) constants.set(output[0] ?? '', tensor);
  }
  return constants;
}

/**
 * Returns the elements of a small constant. Undefined if it has more than `most`, or is neither float32 nor float64.
 */
function numbersOf({ dims, dataType, rawData, floatData, doubleData }: OnnxTensor, most: number): number[] | undefined {
  const count = product(dims);
  const width = { [elementType.float32]: 4, [elementType.float64]: 8 }[dataType];
  if (count > most || width === undefined) return undefined;
  const listed = width === 4 ? floatData : doubleData;
  if (listed?.length === count) return [...listed];
  if (rawData?.byteLength !== count * width) return undefined;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: count }, (_, index) =>
    width === 4 ? view.getFloat32(4 * index, true) : view.getFloat64(8 * index, true),
  );
}
