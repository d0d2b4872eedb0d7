import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OptimizerSpec } from '../../../../lib/contracts/training-spec.ts';
import type { OnnxModel } from '../../../../lib/onnx/onnx-model.ts';
import { runFailed } from '../../../../lib/onnx/session-errors.ts';
import type { NamedTensors, TensorSession } from '../../../../lib/onnx/tensor-session.ts';
import { drawBatch } from '../../../../lib/training/draw-batch.ts';
import type { TrainerOptions } from '../../../../lib/training/engine.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { engines, useTensorFlow } from '../../../support/tensorflow.ts';
import { drawWeights } from '../../onnx/same-as-tensorflow.ts';

/** Rows that a run has memory for. */
const memory = vi.hoisted(() => ({ rows: Number.POSITIVE_INFINITY }));

vi.mock('../../../../lib/onnx/tensor-session.ts', async (original) => {
  const { openTensorSession } = await original<typeof import('../../../../lib/onnx/tensor-session.ts')>();
  return {
    async openTensorSession(model: OnnxModel): Promise<TensorSession> {
      const session = await openTensorSession(model);
      return {
        ...session,
        async run(inputs: NamedTensors, outputs) {
          const rows = inputs.get('inputs')?.dims[0] ?? 0;
          if (rows > memory.rows) throw runFailed(new Error(`Failed to allocate memory for requested buffer of size ${rows}`));
          return session.run(inputs, outputs);
        },
      };
    },
  };
});

useTensorFlow();
afterEach(() => {
  memory.rows = Number.POSITIVE_INFINITY;
});

/** Two updates, each by the gradients of two batches. */
async function train(rows: number, options: Partial<TrainerOptions> = {}) {
  memory.rows = rows;
  const model = drawWeights(
    tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 6, activation: 'relu', inputShape: [5], kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }) }),
        tfl.layers.dense({ units: 4 }),
      ],
    }),
  );
  const log = vi.fn<NonNullable<TrainerOptions['log']>>();
  const network = engines.onnx.open(model);
  const optimizer = OptimizerSpec.parse({ name: 'adam' });
  const trainer = network.openTrainer({ loss: categoricalCrossEntropy(), optimizer, log, ...options });
  const batch = drawBatch(model, 12);
  for (const _ of [1, 2]) {
    for (const share of [0.25, 0.75]) await trainer.accumulate(batch, { share, seedOf: () => 1 });
    trainer.update(0.1);
  }
  const outcomes = await trainer.readOutcomes();
  const weights = [...(await network.snapshot()).values()].flatMap(({ values }) => [...values]);
  trainer.close();
  return {
    outcomes,
    weights,
    parts: log.mock.calls.filter(([event]) => event === 'batch.parts').map(([, fields]) => fields?.rows),
  };
}

describe('a batch that ONNX Runtime has no memory for', () => {
  it.each<[string, number, number[], Partial<TrainerOptions>]>([
    ['half fits', 6, [6], {}],
    ['a sixth fits', 2, [6, 3, 2], {}],
    ['with class weights', 5, [6, 3], { classWeights: { task: 'single-label', present: [1, 2, 0.5, 0.1], absent: [] } }],
  ])('is trained on in parts to the same weights: %s', async (_, rows, parts, options) => {
    const whole = await train(Number.POSITIVE_INFINITY, options);
    const split = await train(rows, options);
    expect(split.parts).toEqual(parts);
    expect(whole.parts).toEqual([]);
    split.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(whole.weights[i] ?? Number.NaN, 5);
    });
    split.outcomes.forEach(({ loss, accuracy }, i) => {
      expect(loss).toBeCloseTo(whole.outcomes[i]?.loss ?? Number.NaN, 5);
      expect(accuracy).toBeCloseTo(whole.outcomes[i]?.accuracy ?? Number.NaN, 6);
    });
  });

  it('ends the training if not even one row fits', async () => {
    await expect(train(0)).rejects.toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY', retryable: false });
  });
});

it.each([
  ['Non-zero status code returned. Failed to allocate memory for requested buffer of size 4096', 'DEVICE_OUT_OF_MEMORY'],
  ['std::bad_alloc', 'DEVICE_OUT_OF_MEMORY'],
  ['Got invalid dimensions for input', 'ONNX_RUN_FAILED'],
])('a run that fails with "%s" is %s', (message, code) => expect(runFailed(new Error(message))).toMatchObject({ code }));
