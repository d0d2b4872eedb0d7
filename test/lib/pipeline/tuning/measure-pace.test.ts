import { expect, it } from 'vitest';
import { measurePace } from '../../../../lib/pipeline/tuning/measure-pace.ts';

it.each([
  {
    what: 'the mean of the epochs',
    notes: [
      [0, 0],
      [1, 5],
      [2, 11],
      [3, 18],
    ],
    seconds: 6,
  },
  {
    what: 'only the epochs that this attempt trained from their beginning',
    notes: [
      [4, 0],
      [5, 3],
      [6, 7],
      [7, 12],
    ],
    seconds: 4.5,
  },
  {
    what: 'nothing of the epoch that an earlier attempt began',
    notes: [
      [4, 0],
      [5, 3],
    ],
    seconds: undefined,
  },
  {
    what: 'nothing of the first epoch, if an earlier attempt began that',
    hasBegun: true,
    notes: [
      [0, 0],
      [1, 3],
      [2, 8],
    ],
    seconds: 5,
  },
  { what: 'nothing without an epoch', notes: [[4, 0]], seconds: undefined },
  { what: 'nothing without a note', notes: [], seconds: undefined },
  {
    what: 'nothing of a clock that stands still',
    notes: [
      [0, 2],
      [3, 2],
    ],
    seconds: undefined,
  },
] as const)('gives $what', ({ notes, seconds, ...begun }) => {
  let now = 0;
  const pace = measurePace(() => now, 'hasBegun' in begun);
  for (const [epochs, at] of notes) {
    now = at;
    pace.note(epochs);
  }
  expect(pace.secondsPerEpoch()).toBe(seconds);
  expect(pace.resumedEpochs()).toBe(notes[0]?.[0] ?? 0);
});
