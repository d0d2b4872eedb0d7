import { expect, it } from 'vitest';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { openTrunkSession } from '../../../lib/features/open-trunk-session.ts';
import { withWinograd } from '../../../lib/features/winograd/with-winograd.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { mulberry32 } from '../../../lib/random.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const SIDE = 48;

function draw(count: number): Float32Array {
  const random = mulberry32(3);
  return Float32Array.from({ length: count * SIDE * SIDE * 3 }, () => random() * 255);
}

it.each(['vgg16', 'mobilenet'])(
  'the features of %s are those of its graph, and their bits do not depend on the batch',
  async (name) => {
    const { model, preprocessing } = loadBackbone({ name, inputSize: SIDE, weights: 'none', seed: 1, pooling: 'avg' });
    const onnx = exportOnnx(model, { preprocessing });
    model.dispose();
    expect(withWinograd(onnx) === onnx).toBe(name !== 'vgg16');
    const images = draw(32);
    const image = images.length / 32;
    const direct = await openSession(onnx);
    const expected = await direct.run(images, [32, SIDE, SIDE, 3]);
    await direct.close();
    const session = await openTrunkSession({ onnx });
    const of = async (first: number, count: number): Promise<Float32Array> =>
      (await session.run(images.slice(first * image, (first + count) * image), [count, SIDE, SIDE, 3])).data;
    const together = await of(0, 32);
    const features = together.length / 32;
    for (const [first, count] of [
      [0, 1],
      [31, 1],
      [8, 8],
      [5, 27],
    ] as const) {
      expect(await of(first, count)).toEqual(together.slice(first * features, (first + count) * features));
    }
    await session.close();
    const largest = Math.max(...expected.data.map(Math.abs));
    const furthest = Math.max(...together.map((value, i) => Math.abs(value - (expected.data[i] ?? 0))));
    expect(furthest / largest).toBeLessThan(1e-5);
  },
);
