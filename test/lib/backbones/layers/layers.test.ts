import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { BatchNormalization } from '../../../../lib/backbones/layers/batch-normalization.ts';
import { CustomScaleLayer } from '../../../../lib/backbones/layers/custom-scale-layer.ts';
import { GlobalAveragePooling2D } from '../../../../lib/backbones/layers/global-average-pooling-2d.ts';
import { GroupedConv2D } from '../../../../lib/backbones/layers/grouped-conv2d.ts';
import { LayerScale } from '../../../../lib/backbones/layers/layer-scale.ts';
import { Normalization } from '../../../../lib/backbones/layers/normalization.ts';
import { Rescaling } from '../../../../lib/backbones/layers/rescaling.ts';
import { StochasticDepth } from '../../../../lib/backbones/layers/stochastic-depth.ts';
import { reload } from '../../../support/reload.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

type Layer = tfl.layers.Layer;

/** A model of this one layer on maps [height, width, channels], as many of them as the layer takes. */
function modelOf(layer: Layer, shape: number[], inputs = 1): tfl.LayersModel {
  const images = Array.from({ length: inputs }, () => tfl.input({ shape }));
  return tfl.model({ inputs: images, outputs: layer.apply(inputs === 1 ? images[0]! : images) as tfl.SymbolicTensor });
}

function run(model: tfl.LayersModel, ...values: number[][]): number[] {
  return tf.tidy(() => {
    const inputs = values.map((value, i) => tf.tensor(value, [1, ...(model.inputs[i]!.shape.slice(1) as number[])]));
    return [...(model.predict(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor).dataSync()];
  });
}

const close = (values: number[]) => values.map((value) => expect.closeTo(value, 5));

const cases: { what: string; layer: () => Layer; shape: number[]; weights?: number[][]; inputs: number[][]; output: number[] }[] =
  [
    {
      what: 'Normalization by weights',
      layer: () => new Normalization({}),
      shape: [1, 1, 2],
      weights: [[1, 2], [4, 16], [7]],
      inputs: [[5, 10]],
      output: [2, 2],
    },
    {
      what: 'Normalization by constants',
      layer: () => new Normalization({ mean: [1, 2], variance: [4, 0] }),
      shape: [1, 1, 2],
      inputs: [[5, 2]],
      output: [2, 0],
    },
    {
      what: 'Rescaling by one number',
      layer: () => new Rescaling({ scale: 2, offset: -1 }),
      shape: [1, 1, 2],
      inputs: [[3, 4]],
      output: [5, 7],
    },
    {
      what: 'Rescaling by channel',
      layer: () => new Rescaling({ scale: [2, 3], offset: [1, 0] }),
      shape: [1, 1, 2],
      inputs: [[3, 4]],
      output: [7, 12],
    },
    {
      what: 'LayerScale',
      layer: () => new LayerScale({ projectionDim: 2, initValues: 0.5 }),
      shape: [1, 1, 2],
      inputs: [[3, 4]],
      output: [1.5, 2],
    },
    {
      what: 'StochasticDepth at inference',
      layer: () => new StochasticDepth({ dropPathRate: 0.5 }),
      shape: [1, 1, 2],
      inputs: [[3, 4]],
      output: [3, 4],
    },
    {
      what: 'CustomScaleLayer',
      layer: () => new CustomScaleLayer({ scale: 0.1 }),
      shape: [1, 1, 2],
      inputs: [
        [3, 4],
        [10, 20],
      ],
      output: [4, 6],
    },
    {
      what: 'GlobalAveragePooling2D',
      layer: () => new GlobalAveragePooling2D({ keepdims: true }),
      shape: [1, 2, 2],
      inputs: [[1, 2, 3, 6]],
      output: [2, 4],
    },
    {
      what: 'BatchNormalization without gamma at inference',
      layer: () => new BatchNormalization({ scale: false, epsilon: 0 }),
      shape: [1, 1, 2],
      weights: [
        [1, 1],
        [3, 4],
        [4, 16],
      ],
      inputs: [[5, 8]],
      output: [2, 2],
    },
    {
      what: 'GroupedConv2D with a group for each channel',
      layer: () => new GroupedConv2D({ filters: 2, kernelSize: [1, 2], groups: 2, padding: 'same' }),
      shape: [1, 2, 2],
      // Kernel [1, 2, 1, 2]: the first column weighs 1 and 10, the second 2 and 20.
      weights: [
        [1, 10, 2, 20],
        [0, 0.5],
      ],
      inputs: [[1, 2, 3, 4]],
      output: [7, 100.5, 3, 40.5],
    },
    {
      what: 'GroupedConv2D with two channels a group',
      layer: () => new GroupedConv2D({ filters: 2, kernelSize: [1, 1], groups: 2, useBias: false }),
      shape: [1, 1, 4],
      weights: [[1, 10, 2, 20]],
      inputs: [[1, 2, 3, 4]],
      output: [5, 110],
    },
    {
      what: 'hard silu',
      layer: () => tfl.layers.activation({ activation: 'hardSilu' as 'relu' }),
      shape: [1, 1, 4],
      inputs: [[-4, -1, 1, 4]],
      output: [0, -1 / 3, 2 / 3, 4],
    },
    {
      what: "Keras 3's hard sigmoid",
      layer: () => tfl.layers.activation({ activation: 'hardSigmoid3' as 'relu' }),
      shape: [1, 1, 4],
      inputs: [[-4, -1, 1, 4]],
      output: [0, 1 / 3, 2 / 3, 1],
    },
  ];

describe.each(cases)('$what', ({ layer, shape, weights, inputs, output }) => {
  const build = (): tfl.LayersModel => {
    const model = modelOf(layer(), shape, inputs.length);
    if (weights) {
      const shapes = model.getWeights().map((weight) => weight.shape);
      tf.tidy(() => model.setWeights(weights.map((values, i) => tf.tensor(values, shapes[i]))));
    }
    return model;
  };

  it('gives what Keras gives, in the shape that it promised', () => {
    const model = build();
    expect(run(model, ...inputs)).toEqual(close(output));
    expect(model.outputs[0]!.shape.slice(1).reduce((all, side) => (all ?? 1) * (side ?? 1), 1)).toBe(output.length);
    model.dispose();
  });

  it('is the same after TensorFlow.js saved and loaded it', async () => {
    const model = build();
    const again = await reload(model);
    expect(again.layers.at(-1)!.constructor).toBe(model.layers.at(-1)!.constructor);
    expect(run(again, ...inputs)).toEqual(run(model, ...inputs));
    model.dispose();
    again.dispose();
  });

  it('keeps no tensor of a run', () => {
    const model = build();
    run(model, ...inputs);
    const before = tf.memory().numTensors;
    run(model, ...inputs);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe('BatchNormalization in training', () => {
  const x = [1, 10, 3, 30];

  it.each([{ scale: true }, { scale: false }])(
    'normalizes by the batch and moves its statistics, with scale $scale',
    ({ scale }) => {
      const layer = new BatchNormalization({ scale, momentum: 0.75, epsilon: 0 });
      const model = modelOf(layer, [1, 2, 2]);
      const output = tf.tidy(() => [...(layer.apply(tf.tensor(x, [1, 1, 2, 2]), { training: true }) as tf.Tensor).dataSync()]);
      expect(output).toEqual(close([-1, -1, 1, 1]));
      const [mean, variance] = layer.nonTrainableWeights.map((weight) => [...weight.read().dataSync()]);
      expect(mean).toEqual(close([0.25 * 2, 0.25 * 20]));
      expect(variance).toEqual(close([0.75 + 0.25 * 1, 0.75 + 0.25 * 100]));
      model.dispose();
    },
  );

  it('infers and moves nothing when it is frozen', () => {
    const layer = new BatchNormalization({ epsilon: 0 });
    const model = modelOf(layer, [1, 2, 2]);
    layer.trainable = false;
    const output = tf.tidy(() => [...(layer.apply(tf.tensor(x, [1, 1, 2, 2]), { training: true }) as tf.Tensor).dataSync()]);
    expect(output).toEqual(close(x));
    expect(layer.weights.map((weight) => [...weight.read().dataSync()])).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    model.dispose();
  });

  it.each([{ training: true }, { training: false }])(
    'has the gradient of what it computes without gamma, with training $training',
    ({ training }) => {
      const layer = new BatchNormalization({ scale: false });
      const model = modelOf(layer, [1, 2, 1]);
      const loss = (v: tf.Tensor): tf.Scalar =>
        tf.sum(tf.mul(layer.apply(v, { training }) as tf.Tensor, tf.tensor([1, 3], [1, 1, 2, 1]))) as tf.Scalar;
      const at = (values: number[]): number => tf.tidy(() => loss(tf.tensor(values, [1, 1, 2, 1])).dataSync()[0]!);
      const gradient = tf.tidy(() => [
        ...tf
          .grad(loss)(tf.tensor([1, 4], [1, 1, 2, 1]))
          .dataSync(),
      ]);
      // Statistics move between the calls, but only those of inference, so hold them still.
      const held = layer.nonTrainableWeights.map((weight) => weight.read().clone());
      const slope = [0, 1].map((i) => {
        const [up, down] = [0.01, -0.01].map((step) => {
          layer.nonTrainableWeights.forEach((weight, j) => void weight.write(held[j]!));
          return at([1, 4].map((value, j) => value + (i === j ? step : 0)));
        });
        return (up! - down!) / 0.02;
      });
      expect(gradient).toEqual(slope.map((value) => expect.closeTo(value, 2)));
      tf.dispose(held);
      model.dispose();
    },
  );

  it('refuses an axis that is not the last', () => {
    expect(() => modelOf(new BatchNormalization({ axis: 1 }), [1, 2, 2])).toThrow(
      expect.objectContaining({ code: 'LAYER_UNSUPPORTED' }),
    );
  });
});

describe('StochasticDepth in training', () => {
  it('drops whole examples, scales up the others, and repeats itself for the same seed', () => {
    const layer = new StochasticDepth({ dropPathRate: 0.5 });
    const model = modelOf(layer, [1, 1, 2]);
    const draw = (seed: number): number[][] => {
      layer.seed = seed;
      const examples = tf.tidy(() => tf.reshape(layer.apply(tf.ones([64, 1, 1, 2]), { training: true }) as tf.Tensor, [64, 2]));
      const drawn = examples.arraySync() as number[][];
      examples.dispose();
      return drawn;
    };
    const first = draw(1);
    expect(new Set(first.map(String))).toEqual(new Set(['0,0', '2,2']));
    expect(draw(1)).toEqual(first);
    expect(draw(2)).not.toEqual(first);
    model.dispose();
  });
});
