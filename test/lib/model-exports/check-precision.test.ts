import { expect, test } from 'vitest';
import { compareExportPrecisions } from '../../../lib/model-exports/check-precision.ts';
import { probabilitiesOf } from '../../../lib/training/metrics/labelled-logits.ts';
import { drawScores } from '../../support/models/scores.ts';

const size = { task: 'multi-label', count: 20, classes: 3 } as const;
const { targets, ...scores } = drawScores({ ...size, seed: 1 });
const outputs = { probabilities: Float32Array.from(probabilitiesOf({ targets, ...scores })), novelties: new Float32Array(20) };

test('a model loses no mean average precision against itself', async () => {
  expect(await compareExportPrecisions(outputs, outputs, { targets, classes: 3 })).toMatchObject({
    metric: 'meanAveragePrecision',
    loss: 0,
    interval: { low: 0, high: 0 },
  });
});

test('timers run between the replicates of a comparison, which a signal ends', async () => {
  const abort = new AbortController();
  setImmediate(() => abort.abort(new Error('the lease has expired')));
  const compared = compareExportPrecisions(outputs, outputs, { targets, classes: 3 }, abort.signal);
  await expect(compared).rejects.toThrow('the lease has expired');
});
