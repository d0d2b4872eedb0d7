import { describe, expect, test } from 'vitest';
import { LEAST_FILES, spreadImport } from '../../../lib/estimates/spread-import.ts';

const million = { files: 1_000_000, bytes: 150e9 };

describe('a large import', () => {
  test('is shared by as many functions as S3 serves, and ends sooner for about the same cost', () => {
    const spread = spreadImport(million, 200) ?? expect.fail();
    expect(spread.functions).toBe(16);
    expect(spread.seconds).toBeLessThan(600);
    expect(spread.dollars).toBeLessThan(1);
    expect(spread.reason).toBe(`16 functions: 6.9 min and $${spread.dollars.toFixed(2)}, against one: 3 h and $0.52`);
  });

  test('is shared by no more functions than are allowed, or have a part', () => {
    expect(spreadImport(million, 5)?.functions).toBe(5);
    const slow = { files: 3 * 2560, bytes: 3 * 2560 * 4e6 };
    expect(spreadImport(slow, 200)?.functions).toBe(3);
  });

  test.each([
    ['takes less than five minutes', { files: 20_000, bytes: 20_000 * 150e3 }, 200],
    ['may use one function only', million, 1],
  ])('is imported by one function if it %s', (_, load, most) => {
    expect(spreadImport(load, most)).toBeUndefined();
  });

  test('has at least two parts', () => {
    expect(LEAST_FILES).toBe(5120);
  });
});
