import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { Rescaling } from '../../../lib/backbones/layers/rescaling.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { decodeModel } from '../../../lib/onnx/protobuf.ts';
import { summarizeOnnx } from '../../../lib/onnx/read-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, drawInput, largest, modelOf } from './same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

/** Both have a layer named `same`, inputs `images` and outputs `features`, so that every name meets its double. */
function trunkAndHead(): { trunk: tfl.LayersModel; head: tfl.LayersModel } {
  return {
    trunk: modelOf([6, 6, 3], (x) =>
      apply(layers.conv2d({ name: 'same', filters: 4, kernelSize: 3, strides: 2, padding: 'same' }), x),
    ),
    head: modelOf([3, 3, 4], (x) => apply(layers.dense({ name: 'same', units: 2 }), apply(layers.flatten(), x))),
  };
}

test('a joined trunk and head compute what one after the other computes', async () => {
  const { trunk, head } = trunkAndHead();
  const input = drawInput([2, 6, 6, 3]);
  const expected = tf.tidy(
    () => (head.predict(trunk.predict(tf.tensor(input, [2, 6, 6, 3]))) as tf.Tensor).dataSync() as Float32Array,
  );
  const session = await openSession(joinOnnx(exportOnnx(trunk), exportOnnx(head)), { threads: 1 });
  const { data, dims } = await session.run(input, [2, 6, 6, 3]);
  expect(dims).toEqual([2, 2]);
  expect(largest(data.map((value, i) => value - (expected[i] ?? Number.NaN)))).toBeLessThan(1e-5 * largest(expected));
  await session.close();
});

test('a trunk that ends in zeros meets a head that begins with a maximum', async () => {
  const trunk = modelOf([4, 5, 2], (x) =>
    apply(layers.zeroPadding2d({ padding: 1 }), apply(new Rescaling({ scale: 1, offset: -5 }), x)),
  );
  const head = modelOf([6, 7, 2], (x) => apply(layers.maxPooling2d({ poolSize: 3, strides: 1 }), x));
  const session = await openSession(joinOnnx(exportOnnx(trunk), exportOnnx(head)), { threads: 1 });
  const { data } = await session.run(drawInput([1, 4, 5, 2]), [1, 4, 5, 2]);
  expect(data.filter((value) => value === 0)).toHaveLength(2 * (4 * 5 - 2 * 3));
  await session.close();
});

test('a joined model has one name for each value', () => {
  const { trunk, head } = trunkAndHead();
  const { graph } = decodeModel(joinOnnx(exportOnnx(trunk), exportOnnx(head)));
  const made = [...graph.input, ...graph.initializer].map(({ name }) => name).concat(graph.node.flatMap(({ output }) => output));
  expect(new Set(made).size).toBe(made.length);
  expect(new Set(graph.node.map(({ name }) => name)).size).toBe(graph.node.length);
});

test('a joined model takes the first input, gives the second output and keeps the metadata of both', () => {
  const { trunk, head } = trunkAndHead();
  const joined = joinOnnx(
    exportOnnx(trunk, { metadata: { backbone: 'small', version: '1' } }),
    exportOnnx(head, { inputName: 'map', outputName: 'logits', metadata: { version: '2', labels: 'a,b' } }),
  );
  expect(summarizeOnnx(joined)).toEqual({
    inputs: [{ name: 'images', shape: ['N', 6, 6, 3] }],
    outputs: [{ name: 'logits', shape: ['N', 2] }],
    opset: 20,
    metadata: { backbone: 'small', labels: 'a,b', version: '2' },
  });
});

test.each([
  { about: 'free names', names: { input: 'pixels', output: 'answer' } },
  { about: 'names that values inside of both have', names: { input: 'same/kernel', output: 'same/bias' } },
  { about: "each other's names", names: { input: 'features', output: 'images' } },
])('a joined model has $about for its input and output where it is told to', async ({ names }) => {
  const { trunk, head } = trunkAndHead();
  const joined = joinOnnx(exportOnnx(trunk), exportOnnx(head), names);
  expect(summarizeOnnx(joined)).toMatchObject({ inputs: [{ name: names.input }], outputs: [{ name: names.output }] });
  const input = drawInput([2, 6, 6, 3]);
  const sessions = await Promise.all(
    [joined, joinOnnx(exportOnnx(trunk), exportOnnx(head))].map((model) => openSession(model, { threads: 1 })),
  );
  const [renamed, plain] = await Promise.all(sessions.map((session) => session.run(input, [2, 6, 6, 3])));
  expect(renamed).toEqual(plain);
  await Promise.all(sessions.map((session) => session.close()));
});

test('the same two models give the same bytes', () => {
  const { trunk, head } = trunkAndHead();
  expect(joinOnnx(exportOnnx(trunk), exportOnnx(head))).toEqual(joinOnnx(exportOnnx(trunk), exportOnnx(head)));
});

test('a head for other features is refused, and the message has both shapes', () => {
  const { trunk } = trunkAndHead();
  const head = modelOf([36], (x) => apply(layers.dense({ units: 2 }), x));
  expect(() => joinOnnx(exportOnnx(trunk), exportOnnx(head))).toThrow(
    expect.objectContaining({
      code: 'ONNX_JOIN_MISMATCH',
      expected: expect.stringContaining('[N, 36]'),
      received: '[N, 3, 3, 4]',
    }),
  );
});
