import { expect, test } from 'vitest';
import { startWorkLog } from '../../../lib/pipeline/work-log.ts';
import { systemClock } from '../../../lib/store/system-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';

const [stages, tail] = [{ key: 'stages' }, { key: 'tail' }];

function countsOf(extractions: readonly (readonly [trunk: { key: string }, cached: number, decoded: number])[]) {
  const work = startWorkLog(systemClock);
  for (const [trunk, cached, decoded] of extractions) work.addFeatures(trunk, { cached, decoded });
  return work.total().features;
}

test.each([
  { what: 'a first job', extractions: [[stages, 0, 227]], counts: { cached: 0, decoded: 227 } },
  { what: 'a second job', extractions: [[stages, 227, 0]], counts: { cached: 227, decoded: 0 } },
  {
    what: 'a sample of the images first',
    extractions: [
      [stages, 0, 159],
      [stages, 159, 68],
    ],
    counts: { cached: 0, decoded: 227 },
  },
  {
    what: 'a sample that was cached before',
    extractions: [
      [stages, 159, 0],
      [stages, 159, 68],
    ],
    counts: { cached: 159, decoded: 68 },
  },
  {
    what: 'two trunks, each read several times',
    extractions: [
      [stages, 0, 159],
      [stages, 159, 68],
      [tail, 200, 27],
      [stages, 227, 0],
      [tail, 227, 0],
    ],
    counts: { cached: 200, decoded: 254 },
  },
] as const)('counts the images of $what', ({ extractions, counts }) => {
  expect(countsOf(extractions)).toEqual(counts);
});

test('counts a comparison within a training once', async () => {
  const clock = manualClock();
  const work = startWorkLog(clock);
  const seconds = work.startTraining();
  await clock.advance(1);
  await work.time('train', async () => clock.advance(10));
  await work.time('evaluate', async () => clock.advance(2));
  work.add({ seconds: seconds() });
  expect(work.total().seconds).toEqual({ features: 0, train: 11, evaluate: 2, total: 13 });
});

test('counts features that are computed within a training once, also if they fail', async () => {
  const clock = manualClock();
  const work = startWorkLog(clock);
  const seconds = work.startTraining();
  await clock.advance(1);
  await work.time('features', async () => clock.advance(2));
  const failing = work.time('features', async () => {
    await clock.advance(4);
    throw new Error('the machine goes away');
  });
  await expect(failing).rejects.toThrow('the machine goes away');
  await clock.advance(8);
  work.add({ seconds: seconds() });
  expect(work.total().seconds).toEqual({ features: 6, train: 9, evaluate: 0, total: 15 });
});
