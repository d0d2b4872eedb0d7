import { expect, test } from 'vitest';
import { writePackage } from '../../../lib/models/model-package.ts';
import { packagedResult } from '../../support/job-result.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';
import { testWorld } from '../../support/world.ts';

test.each([
  { what: 'result', wrong: { result: { ...packagedResult, features: { cached: -1, decoded: 0 } } } },
  { what: 'history', wrong: { history: [{ epoch: 1, loss: Number.NaN, learningRate: 0, accuracy: 0 }] } },
])('a package whose $what could not be read again is not written', async ({ wrong }) => {
  const { store } = testWorld();
  const card = cardFor(drawScores({ classes: 2, count: 4, seed: 1 }), ['a', 'b']);
  const complete = { card, onnx: new Uint8Array(1), history: [], result: packagedResult };
  await expect(writePackage({ ...complete, ...wrong } as never, 1, store)).rejects.toThrow('expected number');
  expect((await store.list('models/')).objects).toEqual([]);
  await expect(writePackage(complete, 1, store)).resolves.toMatchObject({ package: expect.stringMatching(/^models/) });
});
