import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../lib/random.ts';
import { batchRows, examplesFrom, gatherBatches, memoryExamples, subsetOf, targetsOf } from '../../../lib/training/examples.ts';

const targets = targetsOf([[0], [1], [], [0, 1]], 2);

describe('batchRows', () => {
  it('gives each row once, in full batches but the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), fc.option(fc.nat()), (count, size, seed) => {
        const batches = batchRows(count, size, seed === null ? undefined : randomStream(seed));
        expect(batches.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, row) => row));
        expect(batches.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect(batches.at(-1)!.length).toBeGreaterThan(0);
      }),
    );
  });

  it('orders by the stream, else as they come', () => {
    expect(batchRows(5, 2)).toEqual([[0, 1], [2, 3], [4]]);
    expect(batchRows(50, 50, randomStream(1))).not.toEqual(batchRows(50, 50, randomStream(2)));
  });
});

describe('examples', () => {
  it('gather inputs, targets and weights of the rows asked for', async () => {
    const examples = memoryExamples({
      inputs: Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31),
      inputShape: [2],
      classes: 2,
      targets,
      weights: Float32Array.of(1, 2, 3, 4),
    });
    expect(examples).toMatchObject({ count: 4, inputShape: [2], classes: 2, classCounts: [2, 2] });
    expect(await examples.gather([3, 0])).toEqual({
      inputs: Float32Array.of(30, 31, 0, 1),
      targets: Float32Array.of(1, 1, 1, 0),
      weights: Float32Array.of(4, 1),
    });
  });
});

describe('subsetOf', () => {
  it('renumbers the rows that it was given', async () => {
    const examples = memoryExamples({ inputs: Float32Array.of(0, 10, 20, 30), inputShape: [1], classes: 2, targets });
    const subset = subsetOf(examples, [3, 1]);
    expect(subset).toMatchObject({ count: 2, inputShape: [1], classes: 2, classCounts: [1, 2] });
    expect(await subset.gather([1, 0])).toEqual({ inputs: Float32Array.of(10, 30), targets: Float32Array.of(0, 1, 1, 1) });
  });
});

describe('gatherBatches', () => {
  const reading = (asked: number[][]) =>
    examplesFrom({
      inputShape: [1],
      classes: 2,
      targets,
      read: async (rows) => {
        asked.push([...rows]);
        if (rows.includes(3)) throw new Error('the disk is gone');
        return Float32Array.from(rows);
      },
    });

  it('reads one batch ahead of the one in use', async () => {
    const asked: number[][] = [];
    const batches = gatherBatches(reading(asked), [[0], [1], [2]]);
    expect([...(await batches.next()).value!.inputs]).toEqual([0]);
    expect(asked).toEqual([[0], [1]]);
    await batches.return(undefined);
    expect(asked).toEqual([[0], [1]]);
  });

  it('fails where the batch that cannot be read is needed, and not before', async () => {
    const batches = gatherBatches(reading([]), [[0], [3]]);
    await batches.next();
    await expect(batches.next()).rejects.toThrow('the disk is gone');
    const stopped = gatherBatches(reading([]), [[0], [3]]);
    await stopped.next();
    await stopped.return(undefined);
  });
});
