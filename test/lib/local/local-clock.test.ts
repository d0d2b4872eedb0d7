import { expect, onTestFinished, test, vi } from 'vitest';
import { countAwakeSeconds } from '../../../lib/local/local-clock.ts';

test.each([
  ['a step of the work counts, however often it is read', [0, 7, 7.5, 30, 330], 330],
  ['a sleep of eight hours counts for a quarter of an hour at most', [0, 10, 28_810, 28_820], 920],
  ['the first moment is no time since the machine started', [5000, 5001], 1],
])('%s', (_, readings, expected) => {
  let now = 0;
  const awakeSeconds = countAwakeSeconds(() => now);
  const counted = readings.map((reading) => {
    now = reading;
    return awakeSeconds();
  });
  expect(counted[0]).toBe(0);
  expect(counted.at(-1)).toBe(expected);
});

test('a long time counts in full although nobody asks for it', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const begun = Date.now();
  const awakeSeconds = countAwakeSeconds(() => (Date.now() - begun) / 1000);
  awakeSeconds();
  vi.advanceTimersByTime(3_600_000);
  expect(awakeSeconds()).toBe(3600);
});
