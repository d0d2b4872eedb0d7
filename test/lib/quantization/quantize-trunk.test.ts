import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { runAtOnce } from '../../../lib/onnx/run-images.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { type QuantizedTrunk, quantizeTrunk } from '../../../lib/quantization/quantize-trunk.ts';
import { mulberry32 } from '../../../lib/random.ts';
import { ownResnet, photographs, unnamed } from '../../support/weights/own-models.ts';

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

/** The head of a job: it passes the features on. */
function passOn(count: number): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('features', [null, count]);
  const output = { ...value, name: graph.add('Identity', [value.name]) };
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('h', info, output, 'answers') });
}

test.each([
  ['with names of its nodes', (onnx: Uint8Array) => onnx, {}],
  ['without names of its nodes', (onnx: Uint8Array) => onnx, { change: unnamed }],
  ['without names of its nodes, and with a head', (onnx: Uint8Array) => joinOnnx(onnx, passOn(5)), { change: unnamed }],
])("a user's encoder %s computes almost the same features in int8", async (_, finish, options) => {
  const { onnx, size } = await ownResnet(options);
  const images = Array.from({ length: 8 }, (_, image) => photographs(1, size).map((value) => (value * (image + 1)) / 8));
  const features = async (bytes: Uint8Array) => {
    const session = await openSession(bytes, { threads: 1 });
    const { data } = await runAtOnce(session, images, size);
    await session.close();
    return [...data];
  };
  const wanted = await features(onnx);
  const made = await quantizeTrunk(finish(onnx), { pixels: images, height: size[0], width: size[1] });
  if ('why' in made) throw new Error(made.why);
  expect(made.layers).toBe(3);
  const received = await features(made.onnx);
  const difference = Math.max(...wanted.map((value, i) => Math.abs(value - (received[i] ?? Number.NaN))));
  expect(difference).toBeGreaterThan(0);
  expect(difference).toBeLessThan(0.1 * Math.max(...wanted.map(Math.abs)));
});
