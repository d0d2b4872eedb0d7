import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { GroupedConv2D } from '../../../lib/backbones/layers/grouped-conv2d.ts';
import { LayerScale } from '../../../lib/backbones/layers/layer-scale.ts';
import { Rescaling } from '../../../lib/backbones/layers/rescaling.ts';
import { StochasticDepth } from '../../../lib/backbones/layers/stochastic-depth.ts';
import type { Converter } from '../../../lib/onnx/converter.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { decodeModel } from '../../../lib/onnx/protobuf.ts';
import { summarizeOnnx } from '../../../lib/onnx/read-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, drawInput, drawWeights, expectSame, largest, modelOf } from './same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

describe('layers together compute the same', () => {
  test('a residual block of every kind of convolution', async () => {
    const block = (x: tfl.SymbolicTensor): tfl.SymbolicTensor => {
      const wide = apply(
        layers.reLU({ maxValue: 6 }),
        apply(layers.batchNormalization({}), apply(layers.conv2d({ filters: 8, kernelSize: 1 }), x)),
      );
      const deep = apply(
        layers.batchNormalization({}),
        apply(layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false }), wide),
      );
      const gate = apply(
        layers.reshape({ targetShape: [1, 1, 8] }),
        apply(layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), deep),
      );
      const weighed = apply(layers.multiply(), [
        deep,
        apply(layers.conv2d({ filters: 8, kernelSize: 1, activation: 'sigmoid' }), gate),
      ]);
      return apply(layers.add(), [x, apply(layers.conv2d({ filters: 3, kernelSize: 1 }), weighed)]);
    };
    await expectSame(modelOf([9, 7, 3], (x) => block(block(x))));
  });

  test('a block of ConvNeXt, which changes its layout within', async () => {
    await expectSame(
      modelOf([6, 5, 4], (x) => {
        const mixed = apply(new GroupedConv2D({ filters: 4, kernelSize: [7, 7], groups: 4, padding: 'same' }), x);
        const wide = apply(
          layers.dense({ units: 16, activation: 'gelu' as 'relu' }),
          apply(layers.layerNormalization({ epsilon: 1e-6 }), mixed),
        );
        const narrow = apply(new LayerScale({ projectionDim: 4, initValues: 1 }), apply(layers.dense({ units: 4 }), wide));
        return apply(layers.add(), [x, apply(new StochasticDepth({ dropPathRate: 0.1 }), narrow)]);
      }),
    );
  });

  test.each<[string, () => tfl.layers.Layer]>([
    ['a maximum', () => layers.maxPooling2d({ poolSize: 3, strides: 2 })],
    ['an average', () => layers.averagePooling2d({ poolSize: 3, strides: 2 })],
    ['a convolution', () => layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 })],
    ['a depthwise convolution', () => layers.depthwiseConv2d({ kernelSize: 3, strides: 2 })],
    [
      'a maximum and a convolution',
      () =>
        tfl.sequential({
          layers: [layers.maxPooling2d({ inputShape: [7, 10, 2], poolSize: 2 }), layers.conv2d({ filters: 2, kernelSize: 2 })],
        }),
    ],
  ])('zeros around a map of negative numbers, then %s', async (_, after) => {
    const negative = (x: tfl.SymbolicTensor): tfl.SymbolicTensor => apply(new Rescaling({ scale: 1, offset: -5 }), x);
    await expectSame(modelOf([5, 8, 2], (x) => apply(after(), apply(layers.zeroPadding2d({ padding: 1 }), negative(x)))));
  });

  test('the head of the tutorial on a map', async () => {
    await expectSame(
      modelOf([2, 3, 8], (x) => {
        const hidden = apply(layers.dense({ units: 12, activation: 'relu' }), apply(layers.flatten(), x));
        return apply(layers.dense({ units: 3, activation: 'softmax' }), apply(layers.dropout({ rate: 0.5 }), hidden));
      }),
    );
  });

  test('a layer that is called twice, and its weights are written once', async () => {
    const shared = layers.conv2d({ name: 'shared', filters: 3, kernelSize: 3, padding: 'same' });
    const model = modelOf([6, 6, 3], (x) => apply(layers.add(), [apply(shared, apply(shared, x)), x]));
    await expectSame(model);
    expect(decodeModel(exportOnnx(model)).graph.initializer.map(({ name }) => name)).toEqual(['shared/kernel', 'shared/bias']);
  });

  test('a model within a model, called twice', async () => {
    const inner = tfl.input({ shape: [6, 6, 3] });
    const model = tfl.model({
      inputs: inner,
      outputs: apply(layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }), inner),
    });
    const stem = tfl.sequential({ layers: [layers.batchNormalization({ inputShape: [6, 6, 3] }), layers.reLU()] });
    await expectSame(modelOf([6, 6, 3], (x) => apply(layers.add(), [apply(model, apply(stem, apply(model, x))), x])));
  });

  test('a Sequential that begins with a model', async () => {
    const trunk = modelOf([6, 6, 3], (x) => apply(layers.conv2d({ filters: 4, kernelSize: 3 }), x));
    await expectSame(drawWeights(tfl.sequential({ layers: [trunk, layers.flatten(), layers.dense({ units: 2 })] })));
  });

  test('a model of nothing but its input', async () => {
    await expectSame(modelOf([4, 4, 3], (x) => apply(layers.dropout({ rate: 0.1 }), x)));
  });
});

describe('the file', () => {
  const model = (): tfl.LayersModel =>
    modelOf([5, 4, 3], (x) => apply(layers.conv2d({ name: 'conv', filters: 2, kernelSize: 3 }), x));

  test('has the same bytes for the same model', () => {
    const same = model();
    const options = {
      preprocessing: { channels: 'bgr', scale: [1, 1, 1], offset: [-103.939, -116.779, -123.68] },
      metadata: { b: '1', a: '2' },
    } as const;
    expect(exportOnnx(same, options)).toEqual(exportOnnx(same, { ...options, metadata: { a: '2', b: '1' } }));
  });

  test('says what it takes and gives, with an open batch', () => {
    expect(
      summarizeOnnx(exportOnnx(model(), { inputName: 'pixels', outputName: 'map', metadata: { backbone: 'small' } })),
    ).toEqual({
      inputs: [{ name: 'pixels', shape: ['N', 5, 4, 3] }],
      outputs: [{ name: 'map', shape: ['N', 3, 2, 2] }],
      opset: 20,
      metadata: { backbone: 'small' },
    });
  });

  test('says the size that a reshape leaves to be found', () => {
    const reshaped = modelOf([5, 4, 3], (x) => apply(layers.reshape({ targetShape: [2, -1, 6] }), x));
    expect(summarizeOnnx(exportOnnx(reshaped)).outputs).toEqual([{ name: 'features', shape: ['N', 2, 5, 6] }]);
  });

  test.each([
    ['rgb', [1 / 127.5, 1 / 127.5, 1 / 127.5], [-1, -1, -1]],
    ['rgb', [0.01, 0.02, 0.03], [0, 0, 0]],
    ['bgr', [1, 1, 1], [-103.939, -116.779, -123.68]],
  ] as const)('prepares RGB itself: %s, times %s, plus %s', async (channels, scale, offset) => {
    const plain = await openSession(exportOnnx(model()));
    const preparing = await openSession(exportOnnx(model(), { preprocessing: { channels, scale, offset } }));
    const images = drawInput([2, 5, 4, 3], 0, 255);
    const prepared = images.map((_, i) => {
      const channel = i % 3;
      return (images[i - channel + (channels === 'bgr' ? 2 - channel : channel)] ?? 0) * scale[channel]! + offset[channel]!;
    });
    const expected = await plain.run(prepared, [2, 5, 4, 3]);
    const { data } = await preparing.run(images, [2, 5, 4, 3]);
    expect(largest(data.map((value, i) => value - expected.data[i]!))).toBeLessThan(1e-5 * largest(expected.data));
    await Promise.all([plain.close(), preparing.close()]);
  });
});

describe('what cannot be written is refused by name', () => {
  test.each([
    ['an unknown layer', [4, 4, 3], () => layers.upSampling2d({ name: 'grow' }), 'layer grow (UpSampling2D)'],
    [
      'a setting that TensorFlow.js ignores',
      [9, 9, 3],
      () => layers.depthwiseConv2d({ name: 'wide', kernelSize: 3, dilationRate: 2 }),
      'layer wide (DepthwiseConv2D)',
    ],
    [
      'channels first',
      [3, 4, 4],
      () => layers.globalMaxPooling2d({ name: 'pool', dataFormat: 'channelsFirst' }),
      'layer pool (GlobalMaxPooling2D)',
    ],
  ] as const)('%s', (_, input, layer, at) => {
    const model = modelOf([...input], (x) => apply(layer(), x));
    expect(() => exportOnnx(model)).toThrow(expect.objectContaining({ code: 'ONNX_LAYER_UNSUPPORTED', at }));
  });

  test('a model of two outputs', () => {
    const input = tfl.input({ shape: [3] });
    const model = tfl.model({ inputs: input, outputs: [apply(layers.reLU(), input), apply(layers.softmax(), input)] });
    expect(() => exportOnnx(model)).toThrow(expect.objectContaining({ code: 'ONNX_MODEL_UNSUPPORTED', received: 2 }));
  });
});

test("a converter of one's own writes an unknown layer", async () => {
  const model = modelOf([4, 4, 3], (x) => apply(layers.upSampling2d({ size: [2, 2] }), x));
  const UpSampling2D: Converter = ({ graph, input, outputShape }) => {
    const x = graph.channelsFirst(input);
    return {
      ...x,
      shape: outputShape,
      name: graph.add('Resize', [x.name, '', graph.floats([1, 1, 2, 2], [4])], { mode: 'nearest' }),
    };
  };
  await expectSame(model, { converters: { UpSampling2D } });
});
