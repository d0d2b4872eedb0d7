import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { summarizeOnnx } from '../../../lib/onnx/read-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, drawInput, largest, modelOf } from './same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

/** A model of operators that are the same in all these versions, declared in one of them. */
function trunkAt(version: number): Uint8Array {
  const model = modelOf([12], (x) => apply(layers.dense({ units: 10, activation: 'relu' }), x));
  const decoded = decodeModel(exportOnnx(model));
  return encodeModel({ ...decoded, irVersion: 6, opsetImport: [{ domain: '', version }] });
}

const activations = ['linear', 'relu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'swish', 'gelu'] as const;

function headOf(activation: (typeof activations)[number]): tfl.LayersModel {
  return modelOf([10], (x) => {
    const hidden = apply(layers.dense({ units: 8, activation, useBias: activation !== 'relu' }), x);
    const normal = apply(layers.batchNormalization(), apply(layers.dropout({ rate: 0.5 }), hidden));
    return apply(layers.activation({ activation: 'softmax' }), apply(layers.dense({ units: 3 }), normal));
  });
}

const cases = [11, 13, 17, 21].flatMap((version) => activations.map((activation) => ({ version, activation })));

test.each(cases)(
  'a head with $activation joins a trunk of version $version and computes the same',
  async ({ version, activation }) => {
    const head = headOf(activation);
    const trunk = trunkAt(version);
    const features = await openSession(trunk, { threads: 1 });
    const input = drawInput([4, 12]);
    const { data } = await features.run(input, [4, 12]);
    const expected = tf.tidy(() => (head.predict(tf.tensor(data, [4, 10])) as tf.Tensor).dataSync());

    const joined = joinOnnx(trunk, exportOnnx(head));
    expect(summarizeOnnx(joined).opset).toBe(version);
    const session = await openSession(joined, { threads: 1, optimization: 'disabled' });
    const result = await session.run(input, [4, 12]);
    expect(largest(result.data.map((value, i) => value - (expected[i] ?? Number.NaN)))).toBeLessThan(1e-5 * largest(data));
    await Promise.all([features.close(), session.close()]);
  },
);

test('what a version lacks is named', () => {
  const head = modelOf([10], (x) => apply(layers.layerNormalization(), x));
  expect(() => joinOnnx(trunkAt(13), exportOnnx(head))).toThrow(
    expect.objectContaining({ code: 'ONNX_JOIN_MISMATCH', received: 'LayerNormalization' }),
  );
});
