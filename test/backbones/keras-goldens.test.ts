import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backbone } from '../../lib/backbones/build-backbone.ts';
import { buildGolden, onnxDifferences, tensorflowDifferences } from '../support/golden-run.ts';
import { flatLayers, readGoldenLayers, readGoldens } from '../support/keras-goldens.ts';
import { useTensorFlow } from '../support/tensorflow.ts';

const folder = process.env.GRAFT_GOLDENS ?? fileURLToPath(new URL('../fixtures/goldens', import.meta.url));
/** Larger ones are compared in ONNX only. */
const MAX_TENSORFLOW_PARAMETERS = 60e6;

useTensorFlow();

describe.each(readGoldens(folder))('$id', (golden) => {
  const layers = readGoldenLayers(folder, golden.id);
  let backbone: Backbone;
  beforeAll(() => {
    backbone = buildGolden(golden, 'noTop');
  });
  afterAll(() => backbone?.model.dispose());

  it('has the parameters, the map and the number of layers that Keras gives it', () => {
    const { model, cuts, variant } = backbone;
    const trainable = model.trainableWeights.reduce(
      (sum, { shape }) => sum + shape.map(Number).reduce((all, side) => all * side, 1),
      0,
    );
    expect(variant.parameters).toBe(golden.noTop.params.total);
    expect({ total: model.countParams(), trainable }).toEqual({
      total: golden.noTop.params.total,
      trainable: golden.noTop.params.trainable,
    });
    expect(model.getLayer(cuts.at(-1)?.layer as string).outputShape).toEqual([null, ...golden.noTop.mapShape]);
    if (layers) expect(model.layers).toHaveLength(flatLayers(layers.noTop).length);
  });

  it.runIf(layers)('has the weights that Keras has, layer by layer in its order', () => {
    const ours = backbone.model.layers.map(({ name, weights }) => ({ name, shapes: weights.map(({ shape }) => shape) }));
    const keras = flatLayers(layers?.noTop ?? []).map(({ name, weights = [] }) => ({
      name,
      shapes: weights.map(([, shape]) => shape),
    }));
    const weighty = ({ shapes }: { shapes: unknown[] }) => shapes.length > 0;
    expect(ours.filter(weighty)).toEqual(keras.filter(weighty));
  });

  it.runIf(golden.noTop.params.total <= MAX_TENSORFLOW_PARAMETERS)('gives the features of Keras in TensorFlow.js', () => {
    expect(tensorflowDifferences(golden, 'noTop', backbone, layers?.noTop)).toEqual([]);
  });

  it('gives the features of Keras in ONNX', async () => {
    expect(await onnxDifferences(golden, 'noTop', backbone)).toEqual([]);
  });

  it.runIf(golden.top)('gives the logits of Keras in ONNX, with as many parameters', async () => {
    const { model, ...rest } = buildGolden(golden, 'top');
    try {
      expect(model.countParams()).toBe(golden.top?.params.total);
      expect(await onnxDifferences(golden, 'top', { model, ...rest })).toEqual([]);
    } finally {
      model.dispose();
    }
  });
});
