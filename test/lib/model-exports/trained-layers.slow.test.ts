import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { apply } from '../../../lib/backbones/layers/functional.ts';
import type { TuningPlan } from '../../../lib/freezing/plan-strategy.ts';
import { servedNames } from '../../../lib/models/served-package.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { averageNetworks } from '../../../lib/pipeline/tuning/average-networks.ts';
import { uniformScaling } from '../../../lib/training/calibration/logit-scaling.ts';
import { openLayersModel, predictLayers } from '../../support/models/layers-model.ts';
import { samplePhotographs } from '../../support/models/living-backbone.ts';
import { livingClassifier } from '../../support/models/living-classifier.ts';
import { trainBoth } from '../../support/train-both.ts';
import { topPlan, trashTraining } from '../../support/training-context.ts';

/** Compares a served graph in ONNX Runtime with its layers in TF.js. @returns the probabilities of both */
async function predictBoth(onnx: Uint8Array, size: number) {
  const count = 6;
  const images = await samplePhotographs(count, [size, size]);
  const session = await openSession(onnx, { threads: 1 });
  const served = [...(await session.run(images, [count, size, size, 3])).data];
  await session.close();
  const model = await openLayersModel(onnx);
  const layers = await predictLayers(model, images, [count, size, size, 3]);
  const trainable = model.trainableWeights.length;
  model.dispose();
  return { served, layers, trainable };
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
}

describe('as layers of TF.js, a trained network predicts as served', () => {
  const plan: TuningPlan = { ...topPlan, comparesStages: true, carriesStages: true };

  test('the average of a head on the means of all stages and of a fine-tuned network', async () => {
    const context = await trashTraining({
      effort: 'best',
      training: { epochs: 1, batchSize: 16 },
      fineTuning: { epochs: 1 },
    });
    const { frozen, tuned } = await trainBoth(plan, context);
    const scalings = { frozen: uniformScaling(6, 0.8), tuned: uniformScaling(6, 0.5) };
    const { model, trunk } = await averageNetworks(frozen, tuned, scalings, context);
    const outputs = apply(tfl.layers.activation({ activation: 'softmax', name: 'probabilities' }), model.outputs[0]!);
    const head = exportOnnx(tfl.model({ inputs: model.inputs, outputs }), {
      inputName: 'features',
      outputName: servedNames.output,
    });
    const { served, layers, trainable } = await predictBoth(joinOnnx(trunk.onnx, head, servedNames), 32);
    expect(largestDifference(layers, served)).toBeLessThan(1e-4);
    expect(new Set(served.map((value) => value.toFixed(3))).size).toBeGreaterThan(6);
    expect(trainable).toBeGreaterThan(100);
  });
});

describe('a backbone as layers of TF.js', () => {
  test.each([
    ['efficientnet_lite0', 64],
    ['efficientnet_b0', 64],
    ['mobilenet', 64],
    ['mobilenet_v3_small', 64],
    ['resnet50_v2', 64],
    ['nasnet_mobile', 64],
    ['convnext_tiny', 64],
  ] as const)('predicts as served: %s', async (name, inputSize) => {
    const { onnx } = await livingClassifier({ name, inputSize });
    const { served, layers } = await predictBoth(onnx, inputSize);
    // Drawn weights enlarge rounding errors more than trained ones.
    expect(largestDifference(layers, served)).toBeLessThan(2e-4);
    expect(new Set(served.map((value) => value.toFixed(4))).size).toBeGreaterThan(6);
  });
});
