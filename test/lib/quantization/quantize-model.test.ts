import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import type { OnnxModel } from '../../../lib/onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { float16Weights } from '../../../lib/quantization/float16-weights.ts';
import { quantizeModel } from '../../../lib/quantization/quantize-model.ts';
import { mulberry32 } from '../../../lib/random.ts';

const [height, width, labels] = [16, 16, 4];
const random = mulberry32(3);
const images = Array.from({ length: 12 }, (_, image) =>
  Float32Array.from({ length: height * width * 3 }, (_, i) => Math.floor(random() * 200 + ((image * 11 + i) % 56))),
);

/**
 * Convolutions with a Pad, a BatchNormalization, a Relu and a residual Add, and a head.
 * @param outlier factor of a channel's values; the weights that read them are smaller by it
 */
function network({ outlier = 1 } = {}): Uint8Array {
  const draw = mulberry32(5);
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, height, width, 3]);
  const weights = (count: number, dims: readonly number[], scale: number, reads: (index: number) => number = () => 1) =>
    graph.floats(
      Array.from({ length: count }, (_, i) => ((draw() - 0.5) * scale) / (reads(i) === 0 ? outlier : 1)),
      dims,
    );
  const scaled = graph.add('Mul', [graph.channelsFirst(value).name, graph.floats([1 / 255], [])]);
  const padded = graph.add('Pad', [scaled, graph.integers([0, 0, 0, 0, 0, 0, 1, 1])]);
  const stem = graph.add('Conv', [padded, weights(8 * 27, [8, 3, 3, 3], 1)], { strides: [2, 2] });
  const channels = (value: number, first = value) =>
    graph.floats(
      Array.from({ length: 8 }, (_, i) => (i === 0 ? first : value)),
      [8],
    );
  const parameters = [channels(1, outlier), channels(0.1), channels(0), channels(0.9)];
  const normalized = graph.add('BatchNormalization', [stem, ...parameters]);
  const clipped = graph.add('Relu', [normalized]);
  const wide = graph.add('Conv', [clipped, weights(8 * 8 * 9, [8, 8, 3, 3], 0.5, (i) => Math.floor(i / 9) % 8)], {
    pads: [1, 1, 1, 1],
  });
  const added = graph.add('Add', [wide, clipped]);
  const pooled = graph.add('Flatten', [graph.add('GlobalAveragePool', [added])]);
  const logits = graph.add('Gemm', [pooled, weights(8 * labels, [8, labels], 4, (i) => Math.floor(i / labels))]);
  const output = { name: graph.add('Softmax', [logits]), shape: [null, labels], layout: 'channels-last' } as const;
  const model: OnnxModel = {
    irVersion: 9,
    opsetImport: [{ domain: '', version: 20 }],
    metadataProps: [],
    graph: graph.finish('net', info, output, 'probabilities'),
  };
  return encodeModel(model);
}

async function run(onnx: Uint8Array): Promise<number[][]> {
  const session = await openSession(onnx);
  const rows: number[][] = [];
  for (const image of images) rows.push([...(await session.run(image, [1, height, width, 3])).data]);
  await session.close();
  return rows;
}

function largest(a: readonly number[][], b: readonly number[][]): number {
  return Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - (b[i]?.[j] ?? Number.NaN)))));
}

describe('int8', () => {
  test('is close to float on the images, and the graph is in QDQ form', async () => {
    const onnx = network();
    const made = await quantizeModel(onnx, { pixels: images, height, width });
    expect(made).toMatchObject({ floatOperators: [] });
    expect(made.layers + made.floatLayers.length).toBe(2);
    const [before, after] = [await run(onnx), await run(made.onnx)];
    expect(largest(before, after)).toBeLessThan(0.02);
    // The images are told apart, and int8 is not the same graph.
    expect(largest(before, before.toReversed())).toBeGreaterThan(0.02);
    expect(largest(before, after)).toBeGreaterThan(0);
    const { node, initializer, output } = decodeModel(made.onnx).graph;
    const types = node.map(({ opType }) => opType);
    expect(types.filter((type) => type === 'QuantizeLinear').length).toBeGreaterThan(1);
    expect(types).not.toContain('Pad');
    expect(initializer.some(({ dataType, dims }) => dataType === 3 && dims.length === 4)).toBe(true);
    expect(initializer.some(({ dataType }) => dataType === 6)).toBe(true);
    expect(output.map(({ name }) => name)).toEqual(['probabilities']);
  });

  test('keeps a layer in float and names it if its input has channels of very different ranges', async () => {
    const onnx = network({ outlier: 3000 });
    const made = await quantizeModel(onnx, { pixels: images, height, width });
    expect(made.floatLayers[0]).toBe('Conv_2');
    expect(made.worstLayer).toBe('Conv_2');
    expect(largest(await run(onnx), await run(made.onnx))).toBeLessThan(0.02);
  });

  test('tells which layers it has tried, and tries none alone if all together are good enough', async () => {
    const steps: number[][] = [];
    const good = await quantizeModel(network(), { pixels: images, height, width }, { onProgress: (...step) => steps.push(step) });
    expect(good).toMatchObject({ layers: 2, floatLayers: [], worstLayer: undefined });
    expect(good.signalToNoise).toBeGreaterThan(38);
    expect(steps).toEqual([]);
    await quantizeModel(
      network({ outlier: 3000 }),
      { pixels: images, height, width },
      { onProgress: (...step) => steps.push(step) },
    );
    expect(steps).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  test('leaves a model without layers that it knows as it is', async () => {
    const graph = new GraphBuilder();
    const { value, info } = graph.input('images', [null, height, width, 3]);
    const output = { name: graph.add('Tanh', [value.name]), shape: value.shape, layout: 'channels-last' } as const;
    const opsetImport = [{ domain: '', version: 20 }];
    const onnx = encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('n', info, output, 'out') });
    const made = await quantizeModel(onnx, { pixels: images, height, width });
    expect(made).toMatchObject({ layers: 0, floatOperators: ['Tanh'] });
    expect(made.onnx).toBe(onnx);
  });

  test('ends between any two images if its signal is aborted', async () => {
    const runUntil = async (check: number): Promise<number> => {
      const controller = new AbortController();
      let checks = 0;
      const { signal } = controller;
      const original = signal.throwIfAborted.bind(signal);
      signal.throwIfAborted = () => {
        if (++checks === check) controller.abort(new Error('cancelled'));
        original();
      };
      await quantizeModel(network({ outlier: 3000 }), { pixels: images, height, width, signal });
      return checks;
    };
    const all = await runUntil(Number.POSITIVE_INFINITY);
    expect(all).toBeGreaterThan(3 * images.length);
    for (const check of [1, images.length + 1, 2 * images.length + 1, all])
      await expect(runUntil(check)).rejects.toThrow('cancelled');
  });
});

test('float16 weights take half the bytes and give almost the same probabilities', async () => {
  const onnx = network();
  const made = float16Weights(onnx);
  const { initializer, node } = decodeModel(made).graph;
  const half = initializer.filter(({ dataType }) => dataType === 10);
  expect(half.map(({ dims }) => dims)).toEqual([[8, 8, 3, 3]]);
  expect(node.filter(({ opType }) => opType === 'Cast')).toHaveLength(half.length);
  const difference = largest(await run(onnx), await run(made));
  expect(difference).toBeLessThan(1e-3);
  expect(difference).toBeGreaterThan(0);
});
