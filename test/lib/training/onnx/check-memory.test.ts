import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { TrainingSpec } from '../../../../lib/contracts/training-spec.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { checkOnnxMemory, estimateOnnxMemory } from '../../../../lib/training/onnx/check-memory.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';
import { apply, modelOf } from '../../onnx/same-as-tensorflow.ts';

useTensorFlow();

const { layers } = tfl;

function build(): tfl.LayersModel {
  return modelOf([32, 32, 3], (x) => {
    const y = apply(layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }), x);
    return apply(layers.dense({ units: 4 }), apply(layers.globalAveragePooling2d({}), y));
  });
}

const loss = categoricalCrossEntropy();

describe('the memory of a training in onnxruntime', () => {
  it('grows by the values of each example', () => {
    const model = build();
    const memory = estimateOnnxMemory({ model, loss, training: TrainingSpec.parse({}) });
    const perExample = memory({ batchSize: 2, gradientAccumulation: 1 }) - memory({ batchSize: 1, gradientAccumulation: 1 });
    // The convolution and its activation, [32, 32, 64] each, and as much again for gradients.
    expect(perExample).toBeGreaterThan(4 * 2 * 32 * 32 * 64);
    expect(perExample).toBeLessThan(4 * 10 * 32 * 32 * 64);
    model.dispose();
  });

  it('names the largest batch that fits', () => {
    const model = build();
    const training = TrainingSpec.parse({ batchSize: 64 });
    const memory = estimateOnnxMemory({ model, loss, training });
    const available = memory({ batchSize: 16, gradientAccumulation: 4 });
    expect(() => checkOnnxMemory({ model, loss, training }, available)).toThrow(
      expect.objectContaining({
        code: 'MEMORY_TOO_SMALL',
        fix: expect.stringMatching(/batchSize to 16.*gradientAccumulation to 4/),
      }),
    );
    expect(() => checkOnnxMemory({ model, loss, training: { ...training, batchSize: 8 } }, available)).not.toThrow();
    model.dispose();
  });
});
