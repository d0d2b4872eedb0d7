import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backbone } from '../../../lib/backbones/build-backbone.ts';
import { useTensorFlow } from '../tensorflow.ts';
import { buildGolden, onnxDifferences, tensorflowDifferences } from './golden-run.ts';
import type { KerasGolden, Section } from './keras-goldens.ts';
import { flatLayers, readGoldenLayers, readGoldens, sectionOf } from './keras-goldens.ts';

/**
 * Larger ones are compared in ONNX only, and without their top: there Keras's own float32 is off by as much as is allowed. Tops
 * are compared in ONNX, which serves them.
 */
const MAX_PARAMETERS = 60e6;
const compared = (golden: KerasGolden, section: Section): boolean =>
  golden[section] !== undefined && (section === 'noTop' || golden.noTop.params.total <= MAX_PARAMETERS);
/** Keras counts ConvNeXt's stem and its three steps down as one layer each; they are two, and here built so. */
const nestedLayers = ({ model }: KerasGolden): number => (model.startsWith('ConvNeXt') ? 4 : 0);

/** Holds every golden of the folder against the backbone that the catalogue has for it: with its top only where asked for. */
export function describeGoldens(folder: string, sections: readonly Section[], only = /(?:)/): void {
  useTensorFlow();
  describe.each(readGoldens(folder).filter(({ id }) => only.test(id)))('$id', (golden) => {
    describe.each(sections.filter((section) => compared(golden, section)))('%s', (section) => {
      const { params, operations, outputs } = sectionOf(golden, section);
      const layers = readGoldenLayers(folder, golden.id)?.[section];
      let backbone: Backbone;
      beforeAll(() => {
        backbone = buildGolden(golden, section);
      });
      afterAll(() => backbone?.model.dispose());

      it('has the parameters and the number of layers that Keras has', () => {
        const { model, variant } = backbone;
        expect({ total: model.countParams(), trainable: sizeOf(model.trainableWeights) }).toEqual({
          total: params.total,
          trainable: params.trainable,
        });
        expect(model.layers).toHaveLength(operations + nestedLayers(golden));
        expect(model.outputs[0]?.shape).toEqual([null, outputs.noise.length]);
        if (section === 'noTop') expect(variant.parameters).toBe(params.total);
      });

      it.runIf(section === 'noTop')('ends in a map of the shape that Keras gives it', () => {
        const last = backbone.cuts.at(-1)?.layer as string;
        expect(backbone.model.getLayer(last).outputShape).toEqual([null, ...golden.noTop.mapShape]);
      });

      it.runIf(layers)('has the weights that Keras has, layer by layer in its order', () => {
        const ours = backbone.model.layers.map(({ name, weights }) => ({ name, shapes: weights.map(({ shape }) => shape) }));
        const keras = flatLayers(layers ?? []).map(({ name, weights = [] }) => ({
          name,
          shapes: weights.map(([, shape]) => shape),
        }));
        const weighty = ({ shapes }: { shapes: unknown[] }) => shapes.length > 0;
        expect(ours.filter(weighty)).toEqual(keras.filter(weighty));
      });

      it.runIf(section === 'noTop' && golden.noTop.params.total <= MAX_PARAMETERS)(
        'gives what Keras gives, in TensorFlow.js',
        () => {
          expect(tensorflowDifferences(golden, section, backbone, layers)).toEqual([]);
        },
      );

      it('gives what Keras gives, in ONNX', async () => {
        expect(await onnxDifferences(golden, section, backbone)).toEqual([]);
      });
    });
  });
}

function sizeOf(weights: readonly { readonly shape: readonly (number | null)[] }[]): number {
  return weights.reduce((sum, { shape }) => sum + shape.map(Number).reduce((product, side) => product * side, 1), 0);
}
