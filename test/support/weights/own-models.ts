import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { storeOwnModel } from '../../../lib/backbones/own/own-store.ts';
import { ownTrunk } from '../../../lib/backbones/own/own-trunk.ts';
import type { OnnxModel, OnnxNode } from '../../../lib/onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { randomStream } from '../../../lib/random.ts';
import { testWorld } from '../world.ts';

/** A small encoder of test/fixtures/own-models. */
export function encoderBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/own-models/${name}.onnx`, import.meta.url)));
}

/** One of them, changed. */
export function changed(name: string, change: (model: OnnxModel) => OnnxModel): Uint8Array {
  return encodeModel(change(decodeModel(encoderBytes(name))));
}

/** The small ResNet as the trunk of a job, float32 [N, ...size, 3] to [N, 5]. @param change of each of its nodes */
export async function ownResnet({ change = (node) => node }: { change?: (node: OnnxNode) => OnnxNode | OnnxNode[] } = {}) {
  const { store } = testWorld();
  const bytes = changed('resnet', (model) => ({ ...model, graph: { ...model.graph, node: model.graph.node.flatMap(change) } }));
  const sha256 = await storeOwnModel(bytes, store);
  const { onnx } = await ownTrunk({ own: { sha256, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } }, store);
  return { onnx, size: [48, 48] as const };
}

/** A node as exporters write it that name no nodes. */
export function unnamed({ name: _, ...node }: OnnxNode): OnnxNode {
  return node;
}

/** RGB 0..255, float32 [images, height, width, 3]. */
export function photographs(images: number, [height, width]: readonly [number, number]): Float32Array {
  const { next } = randomStream(3, 'photographs');
  return Float32Array.from({ length: images * height * width * 3 }, () => 255 * next());
}

export interface Reference {
  readonly bytes: Uint8Array;
  readonly input: string;
  readonly output: string;
  readonly layout: 'NCHW' | 'NHWC';
  readonly type?: 'float32' | 'float16' | 'uint8';
  /** Of one pixel's value 0..255 in a channel (0 is red) what the model takes. */
  readonly normalize: (value: number, channel: number) => number;
  readonly channels?: 'rgb' | 'bgr';
  /** Other inputs of the model. */
  readonly more?: Readonly<Record<string, Tensor>>;
}

/** Runs the original graph, one image at a time, on images prepared by hand. @returns its output for each image */
export async function runOriginal(
  reference: Reference,
  pixels: Float32Array,
  [height, width]: readonly [number, number],
): Promise<{ data: number[]; dims: readonly number[] }[]> {
  const { bytes, input, output, layout, normalize, channels = 'rgb', type = 'float32', more = {} } = reference;
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 });
  const size = height * width * 3;
  const dims = layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const results: { data: number[]; dims: readonly number[] }[] = [];
  for (let start = 0; start < pixels.length; start += size) {
    const image = Float32Array.from({ length: size }, (_, position) => {
      const [pixel, channel] =
        layout === 'NCHW'
          ? [position % (height * width), Math.floor(position / (height * width))]
          : [Math.floor(position / 3), position % 3];
      const source = channels === 'rgb' ? channel : 2 - channel;
      return normalize(pixels[start + 3 * pixel + source] ?? Number.NaN, source);
    });
    const result = (await session.run({ [input]: tensorOf(image, dims, type), ...more }, [output]))[output];
    results.push({ data: numbersIn(result), dims: result?.dims ?? [] });
  }
  await session.release();
  return results;
}

/** Mean of a tensor over some of its axes, the batch of one dropped. */
export function meanOver(axes: readonly number[], { data, dims }: { data: number[]; dims: readonly number[] }): number[] {
  const kept = dims.map((size, axis) => (axis === 0 || axes.includes(axis) ? 1 : size));
  const sums = new Array<number>(kept.reduce((product, size) => product * size, 1)).fill(0);
  data.forEach((value, position) => {
    let rest = position;
    let to = 0;
    let step = 1;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const size = dims[axis] ?? 1;
      if (kept[axis] !== 1) {
        to += (rest % size) * step;
        step *= size;
      }
      rest = Math.floor(rest / size);
    }
    sums[to] = (sums[to] ?? 0) + value;
  });
  return sums.map((sum) => (sum * sums.length) / data.length);
}

function tensorOf(image: Float32Array, dims: readonly number[], type: 'float32' | 'float16' | 'uint8'): Tensor {
  if (type === 'float16') return new Tensor('float16', Uint16Array.from(image, halfBits), dims);
  return type === 'uint8' ? new Tensor('uint8', Uint8Array.from(image), dims) : new Tensor('float32', image, dims);
}

function numbersIn(tensor: Tensor | undefined): number[] {
  const data = tensor?.data;
  if (tensor?.type === 'float16') return Array.from(data as Uint16Array, fromHalfBits);
  return Array.from(data as Float32Array);
}

/** IEEE 754 binary16, rounded to nearest even, of numbers within its normal range. */
function halfBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent <= 0) return (bits >>> 16) & 0x8000;
  const half = ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
  const rest = bits & 0x1fff;
  return rest > 0x1000 || (rest === 0x1000 && (half & 1) === 1) ? half + 1 : half;
}

function fromHalfBits(bits: number): number {
  const [sign, exponent, fraction] = [bits >>> 15 ? -1 : 1, (bits >>> 10) & 31, bits & 0x3ff];
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
