import { expect, it, onTestFinished } from 'vitest';
import { openExplainer } from '../../../lib/explanation/open-explainer.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { quantizeModel } from '../../../lib/quantization/quantize-model.ts';
import { colourModel, withoutGradient } from '../../support/models/colour-model.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const SIDE = 16;

/** Red on the left and blue on the right. */
function halves(): Float32Array {
  return Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const isLeft = Math.floor(i / 3) % SIDE < SIDE / 2;
    return i % 3 === (isLeft ? 0 : 2) ? 250 : 10;
  });
}

async function explainHalves(onnx: Uint8Array, label: number, { pixels = halves(), predicts = true } = {}) {
  const session = await openSession(onnx, { threads: 1 });
  const explainer = await openExplainer({
    inputSize: [SIDE, SIDE],
    labels: 2,
    exclusive: true,
    session: async () => session,
    readOnnx: async () => onnx,
    openSession: (bytes) => openSession(bytes, { threads: 1 }),
  });
  onTestFinished(async () => {
    await explainer.close();
    await session.close();
  });
  if (!predicts) return explainer.explain({ pixels, label });
  const { data: probabilities } = await session.run(pixels, [1, SIDE, SIDE, 3]);
  return explainer.explain({ pixels, probabilities, label });
}

function shareInLeftHalf(values: Float64Array, columns: number): number {
  return values.reduce((total, value, cell) => total + value * Math.min(1, Math.max(0, columns / 2 - (cell % columns))), 0);
}

it.each([
  ['class-activation', [8, 8], colourModel, 1],
  // A column of the grid of occlusion lies in the middle.
  ['occlusion', [3, 3], () => withoutGradient(colourModel()), 0.75],
] as const)('points to the half of a class by %s', async (method, grid, model, least) => {
  const onnx = model();
  const red = await explainHalves(onnx, 0);
  expect(red).toMatchObject({ method, grid });
  expect(red.values.reduce((total, value) => total + value)).toBeCloseTo(1, 6);
  expect(shareInLeftHalf(red.values, grid[1])).toBeGreaterThanOrEqual(least - 1e-6);
  const blue = await explainHalves(onnx, 1);
  expect(shareInLeftHalf(blue.values, grid[1])).toBeLessThanOrEqual(1 - least + 1e-6);
});

it.each([
  ['class-activation', colourModel],
  ['occlusion', () => withoutGradient(colourModel())],
])('explains an image that was not predicted alike by %s', async (method, model) => {
  const heat = await explainHalves(model(), 0, { predicts: false });
  expect(heat).toEqual(await explainHalves(model(), 0));
  expect(heat.method).toBe(method);
});

it('points to the half of a class by the last maps of a model in int8', async () => {
  const { onnx, layers } = await quantizeModel(colourModel(), { pixels: [halves()], height: SIDE, width: SIDE });
  expect(layers).toBe(1);
  const { method, values } = await explainHalves(onnx, 0);
  expect(method).toBe('class-activation');
  expect(shareInLeftHalf(values, 8)).toBeGreaterThan(0.99);
});

it('finds no evidence in an image that looks the same everywhere', async () => {
  const grey = new Float32Array(SIDE * SIDE * 3).fill(128);
  const { values } = await explainHalves(colourModel(), 0, { pixels: grey });
  expect(values).toEqual(new Float64Array(64));
});

it('reports an error of reading the model, and no other explanation', async () => {
  const session = await openSession(colourModel(), { threads: 1 });
  onTestFinished(() => session.close());
  const opening = openExplainer({
    inputSize: [SIDE, SIDE],
    labels: 2,
    exclusive: true,
    session: async () => session,
    readOnnx: async () => {
      throw new RangeError('the store is gone');
    },
    openSession,
  });
  await expect(opening).rejects.toThrow('the store is gone');
});
