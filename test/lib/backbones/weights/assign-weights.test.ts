import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assignWeights } from '../../../../lib/backbones/weights/assign-weights.ts';
import type { LayerWeights, NamedWeight, WeightFile, WeightFormat } from '../../../../lib/backbones/weights/weight-file.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

const { conv2d, batchNormalization, dense, globalAveragePooling2d } = tfl.layers;
const conv = (name: string) => conv2d({ name, filters: 3, kernelSize: 1 });
const norm = (name: string) => batchNormalization({ name });

function chain(...layers: tfl.layers.Layer[]): LayersModel {
  const inputs = tfl.input({ shape: [4, 4, 3] });
  const outputs = layers.reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, inputs);
  return tfl.model({ inputs, outputs });
}

/** A chain that is gone after the test, with the models inside it. */
function testModel(...layers: tfl.layers.Layer[]): LayersModel {
  const model = chain(...layers);
  onTestFinished(() => void model.dispose());
  return model;
}

let next = 0;
/** A weight whose values say which one it is. */
function weight(name: string, shape: readonly number[]): NamedWeight {
  next++;
  const length = shape.reduce((product, side) => product * side, 1);
  return { name, path: `/${name}`, shape, dtype: 'float32', data: new Float32Array(length).fill(next) };
}
const convWeights = (owner: string) => [weight(`${owner}/kernel:0`, [1, 1, 3, 3]), weight(`${owner}/bias:0`, [3])];
const normWeights = (owner: string) =>
  ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) => weight(`${owner}/${role}:0`, [3]));
const layer = (name: string, weights: NamedWeight[], path = `/${name}`): LayerWeights => ({ name, path, weights });
const file = (layers: LayerWeights[], format: WeightFormat = 'keras-h5'): WeightFile => ({ format, layers });

/** The value of each weight of the model, in its order. */
function valuesOf(model: LayersModel): (number | undefined)[] {
  const layers = model.layers.flatMap((inside) => (inside instanceof tfl.LayersModel ? inside.layers : [inside]));
  return layers.flatMap(({ weights }) => weights.map((variable) => variable.read().dataSync()[0]));
}
const marks = (...weights: readonly NamedWeight[][]) => weights.flat().map(({ data }) => data[0]);

describe('assignWeights', () => {
  it('goes by the names that people gave, in whatever order the file lists them', () => {
    const model = testModel(conv('stem'), norm('stem_bn'), conv('head'));
    const [stem, stemNorm, head] = [convWeights('stem'), normWeights('stem_bn'), convWeights('head')];
    assignWeights(model, file([layer('head', head), layer('stem_bn', stemNorm), layer('act', []), layer('stem', stem)]));
    expect(valuesOf(model)).toEqual(marks(stem, stemNorm, head));
  });

  it('goes by order where Keras counted the names, even where a count happens to be the same', () => {
    const model = testModel(conv('conv2d_1'), norm('batch_normalization_1'), conv('conv2d_2'));
    const [first, second, third] = [convWeights('conv2d'), normWeights('batch_normalization_7'), convWeights('conv2d_1')];
    assignWeights(model, file([layer('conv2d', first), layer('batch_normalization_7', second), layer('conv2d_1', third)]));
    expect(valuesOf(model)).toEqual(marks(first, second, third));
  });

  it('takes named layers by name and the counted ones between them by order', () => {
    const model = testModel(conv('stem'), conv('conv2d'), conv('block'), conv('conv2d_1'));
    const [stem, one, block, two] = [
      convWeights('stem'),
      convWeights('conv2d_9'),
      convWeights('block'),
      convWeights('conv2d_10'),
    ];
    assignWeights(model, file([layer('stem', stem), layer('conv2d_9', one), layer('conv2d_10', two), layer('block', block)]));
    expect(valuesOf(model)).toEqual(marks(stem, one, block, two));
  });

  it('goes by order where the names differ', () => {
    const model = testModel(conv('stem'), norm('stem_bn'));
    const [first, second] = [convWeights('a'), normWeights('b')];
    assignWeights(model, file([layer('a', first), layer('b', second)]));
    expect(valuesOf(model)).toEqual(marks(first, second));
  });

  it.each([
    { what: 'that trains, first all that trains and then the rest', order: [0, 1, 2, 3, 6, 7, 4, 5] },
    { what: 'that is frozen, layer by layer', order: [0, 1, 2, 3, 4, 5, 6, 7] },
  ])('finds the layers of a model inside the model $what', ({ order }) => {
    const inner = chain(conv('inner_conv'), norm('inner_bn'), conv('inner_last'));
    const model = testModel(conv('stem'), inner);
    const [stem, inside] = [
      convWeights('stem'),
      [...convWeights('inner_conv'), ...normWeights('inner_bn'), ...convWeights('inner_last')],
    ];
    const listed = order.map((i) => inside[i] as NamedWeight);
    assignWeights(model, file([layer('stem', stem), layer('backbone', listed)]));
    expect(valuesOf(model)).toEqual(marks(stem, inside));
  });

  it('goes by class and count in files of Keras 3 that name no layers', () => {
    const inner = chain(conv('deep'), norm('deep_bn'));
    const model = testModel(conv('stem'), inner, conv('last'), conv('very_last'));
    const parts = {
      stem: convWeights('0'),
      deep: convWeights('0'),
      norm: normWeights('0'),
      last: convWeights('0'),
      end: convWeights('0'),
    };
    const numbered = (weights: NamedWeight[]) => weights.map((one, i) => ({ ...one, name: `${i}` }));
    const layers = [
      layer('conv2d', numbered(parts.stem), '/layers/conv2d'),
      layer('conv2d_2', numbered(parts.end), '/layers/conv2d_2'),
      layer('conv2d_1', numbered(parts.last), '/layers/conv2d_1'),
      layer('batch_normalization', numbered(parts.norm), '/layers/functional/layers/batch_normalization'),
      layer('conv2d', numbered(parts.deep), '/layers/functional/layers/conv2d'),
    ];
    assignWeights(model, file(layers, 'keras-weights-h5'));
    expect(valuesOf(model)).toEqual(marks(parts.stem, parts.deep, parts.norm, parts.last, parts.end));
  });

  it('goes by class and order where a file of Keras 3 names some layers and has those of one in a model of their own', () => {
    const model = testModel(norm('stem_bn'), norm('batch_normalization'), norm('batch_normalization_1'));
    const [stem, first, second] = [normWeights('a'), normWeights('b'), normWeights('c')];
    const layers = [
      layer('stem_bn', stem, '/layers/sequential/layers/batch_normalization'),
      layer('batch_normalization_30', second, '/layers/batch_normalization_10'),
      layer('batch_normalization_22', first, '/layers/batch_normalization_2'),
    ];
    assignWeights(model, file(layers, 'keras-weights-h5'));
    expect(valuesOf(model)).toEqual(marks(stem, first, second));
  });

  it('goes by the names of layers and weights in safetensors, which have no order', () => {
    const model = testModel(conv('stem'), norm('conv2d'));
    const [stem, counted] = [convWeights('stem'), normWeights('conv2d')];
    const layers = [layer('stem', stem.toReversed()), layer('conv2d', counted.toReversed())];
    assignWeights(model, file(layers.toReversed(), 'safetensors'));
    expect(valuesOf(model)).toEqual(marks(stem, counted));
  });

  const classifier = () =>
    testModel(conv('stem'), globalAveragePooling2d({ name: 'pool' }), dense({ name: 'predictions', units: 2 }));
  const stemAndTop = () => [
    layer('stem', convWeights('stem')),
    layer('predictions', [weight('predictions/kernel:0', [3, 2]), weight('predictions/bias:0', [2])]),
  ];

  it('leaves the top of a file aside when asked, and says so', () => {
    const model = testModel(conv('stem'));
    expect(() => assignWeights(model, file(stemAndTop()))).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_MISMATCH', at: 'predictions' }),
    );
    expect(assignWeights(model, file(stemAndTop()), { ignoreTop: true }).ignored).toEqual(['predictions']);
  });

  it('leaves nothing aside that comes before a layer of the model', () => {
    const [stem, top] = stemAndTop() as [LayerWeights, LayerWeights];
    expect(() => assignWeights(testModel(conv('stem')), file([top, stem]), { ignoreTop: true })).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_MISMATCH', at: 'predictions' }),
    );
  });

  it.each<{ what: string; layers: () => LayerWeights[]; at: string; expected: string; received: string }>([
    {
      what: 'a layer is missing',
      layers: () => stemAndTop().slice(0, 1),
      at: 'predictions',
      expected: 'weights kernel [3, 2], bias [2]',
      received: 'no such layer in the file',
    },
    {
      what: 'a shape differs',
      layers: () => [
        stemAndTop()[0] as LayerWeights,
        layer('predictions', [weight('predictions/kernel:0', [3, 5]), weight('predictions/bias:0', [5])]),
      ],
      at: 'predictions/kernel',
      expected: 'shape [3, 2]',
      received: 'shape [3, 5] in /predictions/kernel:0',
    },
    {
      what: 'a layer has fewer weights',
      layers: () => [stemAndTop()[0] as LayerWeights, layer('predictions', [weight('predictions/kernel:0', [3, 2])])],
      at: 'predictions',
      expected: 'weights kernel [3, 2], bias [2]',
      received: '1 weights in /predictions',
    },
  ])('names the first that does not fit where $what, and changes nothing', ({ layers, what: _, ...error }) => {
    const model = classifier();
    const before = valuesOf(model);
    expect(() => assignWeights(model, file(layers()))).toThrow(expect.objectContaining({ code: 'WEIGHTS_MISMATCH', ...error }));
    expect(valuesOf(model)).toEqual(before);
  });

  it('gives the same digest for the same weights, and leaves no tensor behind', () => {
    const weights = stemAndTop();
    const model = classifier();
    const before = tf.memory().numTensors;
    const { digest } = assignWeights(model, file(weights));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(assignWeights(model, file(weights.toReversed())).digest).toBe(digest);
    expect(assignWeights(model, file(weights, 'safetensors')).digest).toBe(digest);
    expect(assignWeights(model, file(stemAndTop())).digest).not.toBe(digest);
    expect(tf.memory().numTensors).toBe(before);
  });
});
