import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { concatenate, crop, flatten, reshape } from '../../../lib/backbones/layers/functional.ts';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { stagesFrom, stagesUpTo } from '../../../lib/freezing/stage-vectors.ts';
import { bypassColumns } from '../../../lib/models/bypass-columns.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { decodeModel } from '../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { randomStream } from '../../../lib/random.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const names = { input: 'images', output: 'vector' };

async function run(onnx: Uint8Array, dims: readonly number[]): Promise<number[]> {
  const random = randomStream(1, 'images');
  const images = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.next() * 255);
  const session = await openSession(onnx, { threads: 1 });
  const { data } = await session.run(images, [...dims]);
  await session.close();
  return [...data];
}

function operators(onnx: Uint8Array): string[] {
  return decodeModel(onnx).graph.node.map(({ opType }) => opType);
}

describe('a graph that joins values to one vector and takes them apart', () => {
  test.each(['efficientnet_lite0', 'densenet121'])('reads them where they are, with the same results: %s', async (name) => {
    const inputSize = 32;
    const backbone = loadBackbone({ name, inputSize, weights: 'none', seed: 1 });
    for (const { layer } of backbone.cuts.slice(-3, -2)) {
      const trunk = exportOnnx(stagesUpTo(layer, backbone).model, { inputName: 'images', outputName: 'features' });
      const tail = exportOnnx(stagesFrom(layer, backbone), { inputName: 'features', outputName: 'vector' });
      const joined = joinOnnx(trunk, tail, names);
      const direct = bypassColumns(joined);
      expect(operators(joined)).toContain('Slice');
      expect(operators(direct), layer).not.toContain('Slice');
      const dims = [2, inputSize, inputSize, 3];
      expectClose(await run(direct, dims), await run(joined, dims));
    }
    backbone.model.dispose();
  });

  test('keeps what reads a part of a value, or parts of two', async () => {
    const images = tfl.input({ shape: [2, 2, 3], name: 'images' });
    const both = concatenate([flatten(images, 'one'), flatten(images, 'two')], 'both');
    const column = reshape(both, 'column', [24, 1, 1]);
    const middle = crop(column, 'middle', [
      [8, 8],
      [0, 0],
    ]);
    const model = tfl.model({ inputs: images, outputs: flatten(middle, 'flat') });
    const onnx = exportOnnx(model, { inputName: 'images', outputName: 'vector' });
    const direct = bypassColumns(onnx);
    expect(operators(direct)).toContain('Slice');
    expect(await run(direct, [2, 2, 2, 3])).toEqual(await run(onnx, [2, 2, 2, 3]));
  });
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const errors = actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) / (1 + Math.abs(value)));
  expect(Math.max(...errors)).toBeLessThan(1e-5);
}
