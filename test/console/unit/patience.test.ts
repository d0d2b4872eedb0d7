import { describe, expect, test } from 'vitest';
import { openPatience } from '../../../console/upload/patience.ts';
import { ForbiddenError, RuntimeError } from '../../../lib/errors.ts';

const gone = () => new RuntimeError('API_UNREACHABLE', { retryable: true });

describe('the patience of an upload', () => {
  test('repeats what fails for a while, with longer pauses, and says when it waits and when it goes on', async () => {
    const told: unknown[] = [];
    const pauses: number[] = [];
    const { repeat } = openPatience(
      (failure) => told.push(failure instanceof RuntimeError ? failure.code : failure),
      async (milliseconds) => {
        pauses.push(milliseconds);
      },
    );
    let left = 6;
    const request = async () => {
      if (left-- > 0) throw gone();
      return 'sent';
    };
    expect(await repeat(request)).toBe('sent');
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(told).toEqual([...Array.from({ length: 6 }, () => 'API_UNREACHABLE'), undefined]);
    left = 1;
    await repeat(request);
    expect(pauses.at(-1)).toBe(1_000);
  });

  test('has requests that fail together wait together, ends a pause on demand, and passes on what stays', async () => {
    let pauses = 0;
    const patience = openPatience(
      () => {},
      async (_, skipped) => {
        pauses++;
        await skipped;
      },
    );
    const failing = new Set([1, 2, 3]);
    const sent = Promise.all(
      [1, 2, 3].map((each) =>
        patience.repeat(async () => {
          if (failing.delete(each)) throw gone();
          return each;
        }),
      ),
    );
    await Promise.resolve();
    await new Promise(setImmediate);
    patience.skip();
    expect(await sent).toEqual([1, 2, 3]);
    expect(pauses).toBe(1);
    await expect(patience.repeat(async () => Promise.reject(new ForbiddenError('UPLOAD_EXPIRED')))).rejects.toMatchObject({
      code: 'UPLOAD_EXPIRED',
    });
  });
});
