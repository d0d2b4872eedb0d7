import { describe, expect, test } from 'vitest';
import { storeOwnModel } from '../../../../lib/backbones/own/own-store.ts';
import { ownTail } from '../../../../lib/backbones/own/own-tail.ts';
import { ownTrunk, ownTrunkTo } from '../../../../lib/backbones/own/own-trunk.ts';
import { findOwnCut, type OwnBackboneSpec } from '../../../../lib/backbones/own/read-trainable.ts';
import { exportOnnx } from '../../../../lib/onnx/export-onnx.ts';
import { joinOnnx } from '../../../../lib/onnx/join-onnx.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import { startTensorFlow } from '../../../../lib/tensor/start-tensorflow.ts';
import { encoderBytes, photographs } from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';

const normalized = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } satisfies Partial<OwnBackboneSpec['own']>;

async function imported(name: string, wishes: Partial<OwnBackboneSpec> & { output?: string } = {}) {
  const { store } = testWorld();
  const sha256 = await storeOwnModel(encoderBytes(name), store);
  const { inputSize, output } = wishes;
  const spec: OwnBackboneSpec = {
    ...(inputSize !== undefined && { inputSize }),
    own: { sha256, ...normalized, ...(output !== undefined && { output }) },
  };
  return { spec, store };
}

async function run(onnx: Uint8Array, [height, width]: readonly [number, number]): Promise<Float32Array> {
  const session = await openSession(onnx, { optimization: 'disabled' });
  const { data } = await session.run(photographs(3, [height, width]), [3, height, width, 3]);
  await session.close();
  return data;
}

describe("a user's own encoder that is cut", () => {
  test.each<
    [name: string, wanted: 'top' | 'all', cut: string | undefined, wishes: { output?: string; inputSize?: [number, number] }]
  >([
    ['resnet', 'top', '/global_pool/flatten/Flatten_output_0', {}],
    ['resnet', 'all', undefined, {}],
    ['map', 'top', '/MaxPool_3_output_0', { inputSize: [40, 56] }],
    ['map', 'all', undefined, { inputSize: [40, 56] }],
    ['nhwc', 'all', undefined, {}],
    ['siglip', 'top', '/Add_25_output_0', {}],
    ['siglip', 'all', undefined, {}],
    ['vit', 'top', '/Gather_45_output_0', { output: 'pooler_output' }],
    ['clip', 'top', '/Gather_68_output_0', { output: 'image_embeds', inputSize: [32, 32] }],
  ])('%s, to train the %s layers: trunk and exported tail compute what the model computes', async (name, wanted, cut, wishes) => {
    await startTensorFlow();
    const { spec, store } = await imported(name, wishes);
    const found = await findOwnCut(wanted, spec, store);
    expect(found).toBe(cut);
    const whole = await ownTrunk(spec, store);
    const trunk = await ownTrunkTo(found, spec, store);
    const tail = await ownTail(spec, found, store);
    const joined = joinOnnx(trunk.onnx, exportOnnx(tail, { inputName: 'features', outputName: 'vector' }));
    const [expected, received] = [await run(whole.onnx, whole.inputSize), await run(joined, whole.inputSize)];
    const scale = Math.max(...expected.map(Math.abs));
    expect(received.length).toBe(expected.length);
    for (const [i, value] of expected.entries()) expect(Math.abs((received[i] ?? Number.NaN) - value) / scale).toBeLessThan(1e-5);
    tail.dispose();
  });
});
