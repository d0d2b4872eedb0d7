import { expect, it } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import type { MixtureTerm } from '../../../../lib/training/closed-form/choose-mixture.ts';
import { fitClosedForm } from '../../../../lib/training/closed-form/fit-closed-form.ts';
import { applyHead } from '../../../../lib/training/closed-form/linear-head.ts';
import { scoreHeldOut } from '../../../../lib/training/closed-form/score-held-out.ts';
import { everyRow, memoryExamples, subsetOf, targetsOf } from '../../../../lib/training/examples.ts';

const COUNT = 6500;
const WIDTH = 4;
const ridge: MixtureTerm = { model: 'ridge', share: 0, withGrids: false, ridge: 0.1, temperature: 4, weight: 1, loss: 0 };

it('scores the rows of a fold a few at a time if they are many, with the same bits as all at once', async () => {
  const random = randomStream(1, 'rows');
  const held = memoryExamples({
    inputShape: [WIDTH],
    classes: 2,
    inputs: Float32Array.from({ length: COUNT * WIDTH }, () => random.next()),
    targets: targetsOf(
      Array.from({ length: COUNT }, (_, row) => [row % 2]),
      2,
    ),
  });
  let most = 0;
  const examples: typeof held = {
    ...held,
    gather: (rows, epoch) => {
      most = Math.max(most, rows.length);
      return held.gather(rows, epoch);
    },
  };
  const options = {
    task: 'single-label' as const,
    blocks: [{ name: 'top', start: 0, size: WIDTH }],
    weights: new Float64Array(COUNT).fill(1),
    yieldToEventLoop: async () => {},
  };
  const fold = everyRow(held).filter((row) => row % 6 === 0);
  const [scores] = await scoreHeldOut(examples, [ridge], [fold], options);
  expect(most).toBeLessThan(fold.length);

  const others = everyRow(held).filter((row) => row % 6 !== 0);
  const weights = new Float64Array(others.length).fill(1);
  const head = await fitClosedForm(subsetOf(held, others), [ridge], { ...options, weights });
  expect(scores).toEqual(applyHead(head, (await held.gather(fold)).inputs));
});
