import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { runAtOnce } from '../../../lib/onnx/run-images.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { type QuantizedTrunk, quantizeTrunk } from '../../../lib/quantization/quantize-trunk.ts';
import { mulberry32 } from '../../../lib/random.ts';

const [height, width, features] = [16, 16, 12];
const random = mulberry32(3);
const pixels = Array.from({ length: 12 }, (_, image) =>
  Float32Array.from({ length: height * width * 3 }, () => Math.floor(random() * (80 + 14 * image))),
);

/** Two convolutions, and the vectors of the maps of both, as the stages of a backbone have them. */
function trunk({ opset = 20 } = {}): Uint8Array {
  const draw = mulberry32(5);
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, height, width, 3]);
  const weights = (dims: readonly number[], scale: number) =>
    graph.floats(
      Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => (draw() - 0.5) * scale),
      dims,
    );
  const scaled = graph.add('Mul', [graph.channelsFirst(value).name, graph.floats([1 / 127], [])]);
  const first = graph.add('Relu', [graph.add('Conv', [scaled, weights([4, 3, 3, 3], 1), weights([4], 0.2)])]);
  const second = graph.add('Relu', [graph.add('Conv', [first, weights([8, 4, 3, 3], 1), weights([8], 0.2)])]);
  const vectors = [first, second].map((map) => graph.add('Flatten', [graph.add('GlobalAveragePool', [map])]));
  const output = { name: graph.add('Concat', vectors, { axis: 1 }), shape: [null, features], layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: opset }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('trunk', info, output, 'features') });
}

async function quantized(onnx: Uint8Array): Promise<QuantizedTrunk> {
  const made = await quantizeTrunk(onnx, { pixels, height, width });
  if ('why' in made) throw new Error(made.why);
  return made;
}

async function run(onnx: Uint8Array, batchSize: number): Promise<number[]> {
  const session = await openSession(onnx, { threads: 1 });
  const rows: number[] = [];
  for (let start = 0; start < pixels.length; start += batchSize)
    rows.push(...(await runAtOnce(session, pixels.slice(start, start + batchSize), [height, width])).data);
  await session.close();
  return rows;
}

test('all layers of a trunk compute in int8, and its features are close to those of float32', async () => {
  const made = await quantized(trunk());
  expect(made.layers).toBe(2);
  const { node, output } = decodeModel(made.onnx).graph;
  expect(node.filter(({ opType }) => opType === 'QuantizeLinear').length).toBeGreaterThan(2);
  expect(output.map(({ name }) => name)).toEqual(['features']);
  const [before, after] = [await run(trunk(), 1), await run(made.onnx, 1)];
  const differences = before.map((value, i) => Math.abs(value - (after[i] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeGreaterThan(0);
  expect(Math.max(...differences)).toBeLessThan(0.02 * Math.max(...before));
});

test('the int8 features of an image do not depend on the size of its batch', async () => {
  const made = await quantized(trunk());
  expect(await run(made.onnx, 8)).toEqual(await run(made.onnx, 1));
});

test('a trunk of an opset without scales per channel has no int8 form', async () => {
  const why = 'its graph has opset 12, and int8 needs 13 or newer';
  expect(await quantizeTrunk(trunk({ opset: 12 }), { pixels, height, width })).toEqual({ isInt8: false, why });
});

test('a trunk in int8 has no other int8 form', async () => {
  const { onnx } = await quantized(trunk());
  const why = 'it computes in int8 already';
  expect(await quantizeTrunk(onnx, { pixels, height, width })).toEqual({ isInt8: true, why });
});

test('a trunk without layers has no int8 form', async () => {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, height, width, 3]);
  const output = { name: graph.add('Relu', [value.name]), shape: [null, height, width, 3], layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  const onnx = encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('t', info, output, 'features') });
  const why = 'it has no layer that int8 can compute';
  expect(await quantizeTrunk(onnx, { pixels, height, width })).toEqual({ isInt8: false, why });
});
