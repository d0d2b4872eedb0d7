import { expect, it } from 'vitest';
import { openTurns } from '../../../console/labelling/turns.ts';
import { CapacityError } from '../../../lib/errors.ts';

it('runs one thing after the other, and one flush for all calls that wait', async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const turns = openTurns(
    async () => {
      log.push('flush');
      await gate.promise;
      log.push('flushed');
    },
    () => {},
  );
  const first = turns.flush();
  await expect.poll(() => log).toEqual(['flush']);
  const others = [turns.flush(), turns.flush()];
  const act = turns.inTurn(async () => void log.push('act'));
  gate.resolve();
  expect(await Promise.all([first, ...others, act])).toEqual([true, true, true, true]);
  expect(log).toEqual(['flush', 'flushed', 'flush', 'flushed', 'act']);
  expect([turns.isRunning, turns.failure]).toEqual([false, undefined]);
});

it('has one timer at a time, and none after a failure that stays', async () => {
  const failures: unknown[] = [
    new CapacityError('TOO_MANY_REQUESTS', {}),
    new CapacityError('TOO_MANY_REQUESTS', {}),
    new Error('no'),
  ];
  const planned: (() => void)[] = [];
  const turns = openTurns(
    async () => {
      throw failures.shift();
    },
    () => {},
    (act) => planned.push(act),
  );
  expect([await turns.flush(), await turns.flush()]).toEqual([false, false]);
  expect(planned).toHaveLength(1);
  planned[0]?.();
  await expect.poll(() => turns.failure).toEqual(new Error('no'));
  expect(planned).toHaveLength(1);
});
