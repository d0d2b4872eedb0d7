import { describe, expect, test } from 'vitest';
import type { ModelCard } from '../../../lib/contracts/model.ts';
import type { World } from '../../../lib/ports.ts';
import { publishColours } from '../../support/published-colours.ts';
import { rewriteCard } from '../../support/rewrite-card.ts';
import { runEvaluation } from '../../support/run-evaluation.ts';
import { testWorld } from '../../support/world.ts';

const evaluate = (world: World) => runEvaluation({ name: 'colours', version: 1, dataset: 'colours' }, world);

describe('an evaluation', () => {
  test('has the metrics of all images of the data set', async () => {
    const world = testWorld();
    await publishColours(world);
    const { metrics } = await evaluate(world);
    expect(metrics.perClass.map(({ label, support }) => [label, support])).toEqual([
      ['crimson', 20],
      ['royalblue', 20],
    ]);
  });

  test('refuses a graph whose weights changed by one bit', async () => {
    const world = testWorld();
    const { onnx, prefix } = await publishColours(world);
    const damaged = Uint8Array.from(onnx);
    const weight = Math.floor(damaged.length / 2);
    damaged[weight] = (damaged[weight] ?? 0) ^ 1;
    await world.store.put(`${prefix}model.onnx`, damaged);
    await expect(evaluate(world)).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_DAMAGED',
      at: `${prefix}model.onnx`,
      fix: 'graft verify colours@1 checks all files',
    });
  });

  test('refuses labels that are not as many as the probabilities', async () => {
    const world = testWorld();
    await publishColours(world);
    await rewriteCard(world.store, 'colours', (card: ModelCard) => ({ ...card, labels: [...card.labels, 'one more'] }));
    await expect(evaluate(world)).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_DAMAGED',
      expected: '2 labels, one for each probability of model.onnx',
      received: 3,
    });
  });
});
