import fc from 'fast-check';
import { Matrix, solve } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import type { MixtureTerm } from '../../../../lib/training/closed-form/choose-mixture.ts';
import { blocksOf } from '../../../../lib/training/closed-form/feature-block.ts';
import { fitByKernel } from '../../../../lib/training/closed-form/fit-by-kernel.ts';
import { fitBySums, solveSums } from '../../../../lib/training/closed-form/fit-by-sums.ts';
import type { LinearHead } from '../../../../lib/training/closed-form/linear-head.ts';
import { centreTargets } from '../../../../lib/training/closed-form/scores.ts';
import { addSums, ROWS_PER_BLOCK, type Sums, subtractSums, sumRows } from '../../../../lib/training/closed-form/sums.ts';
import { type Examples, everyRow, examplesFrom, memoryExamples, subsetOf } from '../../../../lib/training/examples.ts';
import type { Task } from '../../../../lib/training/losses/loss.ts';

const yieldToEventLoop = async () => {};
const term: MixtureTerm = { model: 'ridge', share: 0.4, withGrids: false, ridge: 0.3, temperature: 5, weight: 1, loss: 0 };

interface Shape {
  readonly count: number;
  /** Columns of the two blocks. */
  readonly sizes: readonly [number, number];
  readonly classes: number;
  readonly task: Task;
  readonly seed: number;
  /** Added to all features. */
  readonly mean?: number;
}

/** Noise with a little of the classes in it, and unequal weights. */
function draw({ count, sizes, classes, task, seed, mean = 0 }: Shape) {
  const random = randomStream(seed, 'sums');
  const width = sizes[0] + sizes[1];
  const targets = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) {
    targets[row * classes + (row % classes)] = 1;
    if (task === 'multi-label') targets[row * classes + random.integer(classes)] = 1;
  }
  const inputs = Float32Array.from({ length: count * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return mean + random.next() + random.next() + 0.5 * (targets[row * classes + (column % classes)] ?? 0);
  });
  const weights = Float64Array.from({ length: count }, () => 0.5 + random.next());
  const [early, top] = sizes;
  const blocks = blocksOf([
    { name: 'early', size: early },
    { name: 'top', size: top },
  ]);
  const examples = memoryExamples({ inputShape: [width], classes, inputs, targets });
  return { examples, weights, options: { task, blocks, weights, yieldToEventLoop } };
}

/** Sums of the rows [start, end). */
function sumPart(examples: Examples, weights: Float64Array, [start, end]: readonly [number, number]): Promise<Sums> {
  const rows = everyRow(examples).slice(start, end);
  const firstBlock = Math.floor(start / ROWS_PER_BLOCK);
  return sumRows(subsetOf(examples, rows), { weights: weights.subarray(start, end), firstBlock, yieldToEventLoop });
}

/** Largest difference as a share of the largest value. */
function differenceOf(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(expected, Math.abs), NEARLY_ZERO);
  return Math.max(...Array.from(values, (value, i) => Math.abs(value - (expected[i] ?? Number.NaN)))) / largest;
}

/** Where all targets are equal, coefficients are rounding errors of 0; all others are about 1. */
const NEARLY_ZERO = 1e-4;

interface HeadLike {
  readonly kernel: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** Largest difference, as a share of the largest coefficient; of a bias, of the terms that add up to it. */
function headDifference({ kernel, bias }: HeadLike, expected: HeadLike, mean: number): number {
  // The terms of a bias, one a column and its own size, largely cancel.
  const terms = (mean + 1) * Array.from(expected.kernel, Math.abs).reduce((sum, value) => sum + value, 0);
  const ofBias = Array.from(bias, (value, label) => {
    const wanted = expected.bias[label] ?? Number.NaN;
    return Math.abs(value - wanted) / (terms + Math.abs(wanted) + NEARLY_ZERO);
  });
  return Math.max(differenceOf(kernel, expected.kernel), ...ofBias);
}

function allOf({ kernel, bias }: LinearHead): Float32Array {
  return Float32Array.from([...kernel, ...bias]);
}

describe('sums of shards', () => {
  test('give the same head byte for byte, however many shards there are and in whatever order they are added', {
    timeout: 240_000,
  }, async () => {
    const count = 99 * ROWS_PER_BLOCK + 1000;
    const { examples, weights, options } = draw({ count, sizes: [2, 3], classes: 2, task: 'single-label', seed: 1 });
    const shards = (blocks: number): Promise<Sums[]> =>
      Promise.all(
        Array.from({ length: 100 / blocks }, (_, shard) =>
          sumPart(
            examples,
            weights,
            [shard, shard + 1].map((i) => Math.min(count, i * blocks * ROWS_PER_BLOCK)) as [number, number],
          ),
        ),
      );
    const [whole] = await shards(100);
    if (whole === undefined) expect.fail('no sums');
    const expected = await solveSums(whole, [term], options);
    const single = await shards(1);
    const orders = [await shards(25), single, randomStream(1, 'order').shuffle(single)];
    for (const order of orders) {
      const added = order.reduce(addSums);
      expect(added.trees.map(({ level, index }) => [level, index])).toEqual([
        [6, 0],
        [5, 2],
        [2, 24],
      ]);
      expect(await solveSums(added, [term], options)).toEqual(expected);
    }
  });

  test('determine no logistic regression', async () => {
    const { examples, weights } = draw({ count: 8, sizes: [1, 1], classes: 2, task: 'single-label', seed: 1 });
    const logistic = { share: 0, withGrids: false, ridge: 1, temperature: 1, weight: 1, loss: 0, model: 'logistic' } as const;
    const options = { task: 'single-label', blocks: blocksOf([{ name: 'top', size: 2 }]), yieldToEventLoop } as const;
    await expect(solveSums(await sumRows(examples, { weights, ...options }), [logistic], options)).rejects.toThrow(RangeError);
  });

  test('have nothing in common and the same shape', async () => {
    const { examples, weights } = draw({ count: 8, sizes: [1, 2], classes: 2, task: 'single-label', seed: 1 });
    const sums = await sumPart(examples, weights, [0, 8]);
    expect(() => addSums(sums, sums)).toThrow('two sums have block 0');
    expect(() => addSums(sums, { ...sums, width: 4 })).toThrow(RangeError);
    expect(() => subtractSums(sums, { ...sums, classes: 3 })).toThrow(RangeError);
  });

  test('are not changed by additions and subtractions', async () => {
    const { examples, weights, options } = draw({ count: 40, sizes: [1, 2], classes: 2, task: 'single-label', seed: 1 });
    const sums = await sumPart(examples, weights, [0, 30]);
    const more = await sumRows(subsetOf(examples, [30, 31]), { weights, firstBlock: 1, yieldToEventLoop });
    const before = structuredClone([sums, more]);
    await solveSums(subtractSums(subtractSums(addSums(sums, more), more), more), [term], options);
    expect([sums, more]).toEqual(before);
  });
});

describe('removing images', () => {
  test.each<Task>(['single-label', 'multi-label'])('%s: that were added gives the head from before', async (task) => {
    const { examples, weights, options } = draw({ count: 5050, sizes: [6, 8], classes: 3, task, seed: 2 });
    const before = await sumPart(examples, weights, [0, 5000]);
    const more = await sumRows(subsetOf(examples, everyRow(examples).slice(5000)), {
      weights: weights.subarray(5000),
      firstBlock: 3,
      yieldToEventLoop,
    });
    const added = addSums(before, more);
    const headOf = async (sums: Sums) => allOf(await solveSums(sums, [term], options));
    const expected = await headOf(before);
    expect(differenceOf(await headOf(added), expected)).toBeGreaterThan(1e-4);
    expect(differenceOf(await headOf(subtractSums(added, more)), expected)).toBeLessThan(1e-9);
  });
});

/** The head from two passes over the rows, all in float64. */
async function inTwoPasses(examples: Examples, { blocks, weights }: ReturnType<typeof draw>['options']) {
  const { inputs, targets } = await examples.gather(everyRow(examples));
  const { count, classes } = examples;
  const width = inputs.length / count;
  const columns = Array.from({ length: width }, (_, column) =>
    Array.from({ length: count }, (_, row) => inputs[row * width + column] ?? 0),
  );
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = columns.map(meanOf);
  const deviations = columns.map((column, i) => Math.sqrt(meanOf(column.map((value) => (value - (means[i] ?? 0)) ** 2))));
  const scales = blocks.flatMap(({ start, size }) => {
    const own = deviations.slice(start, start + size);
    const raw = own.map((deviation) => 1 / (deviation + 0.1 * meanOf(own)));
    const length = Math.hypot(...raw.map((scale, i) => scale * (own[i] ?? 0)));
    return raw.map((scale) => scale / length);
  });
  const roots = blocks.flatMap(({ name, size }) =>
    Array<number>(size).fill(Math.sqrt(term.share / 2 + (name === 'top' ? 1 - term.share : 0))),
  );
  const rows = Matrix.zeros(count, width + 1);
  for (let row = 0; row < count; row++)
    for (let column = 0; column <= width; column++) {
      const [value, mean, scale] = [columns[column]?.[row], means[column], scales[column]].map((x) => x ?? 0) as [
        number,
        number,
        number,
      ];
      rows.set(row, column, column === width ? 1 : (value - mean) * scale * (roots[column] ?? 0));
    }
  const weighted = rows.clone().mulColumnVector([...weights]);
  const centred = Matrix.from1DArray(
    count,
    classes,
    [...targets].map((target) => target - 1 / classes),
  );
  const matrix = weighted
    .transpose()
    .mmul(rows)
    .add(Matrix.eye(width + 1, width + 1, term.ridge));
  const solution = solve(matrix, weighted.transpose().mmul(centred));
  const bias = Array.from({ length: classes }, (_, label) => term.temperature * solution.get(width, label));
  const kernel = Array.from({ length: width * classes }, (_, i) => {
    const [column, label] = [Math.floor(i / classes), i % classes];
    const value = term.temperature * solution.get(column, label) * (roots[column] ?? 0) * (scales[column] ?? 0);
    bias[label] = (bias[label] ?? 0) - value * (means[column] ?? 0);
    return value;
  });
  return { kernel, bias };
}

describe('one pass', () => {
  test.each([0, 1, 1000])('equals two passes in float64, with a mean of %d deviations', async (mean) => {
    const { examples, options } = draw({ count: 1500, sizes: [12, 20], classes: 4, task: 'single-label', seed: 3, mean });
    const head = await fitBySums(examples, [term], options);
    const expected = await inTwoPasses(examples, options);
    expect(headDifference(head, expected, mean)).toBeLessThan(1e-6);
  });

  test('reads each row once, in order, and no more than a few hundred at once', async () => {
    const { examples, weights } = draw({ count: 5000, sizes: [1, 1], classes: 2, task: 'single-label', seed: 4 });
    const read: number[] = [];
    let most = 0;
    const streamed = examplesFrom({
      ...examples,
      async read(rows) {
        read.push(...rows);
        most = Math.max(most, rows.length);
        return (await examples.gather(rows)).inputs;
      },
    });
    await sumRows(streamed, { weights, yieldToEventLoop });
    expect(read).toEqual(everyRow(examples));
    expect(most).toBeLessThan(1000);
  });
});

test('sums over rows and products of rows give the same head, whatever the shape', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        count: fc.integer({ min: 1, max: 120 }),
        sizes: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
        classes: fc.integer({ min: 2, max: 7 }),
        task: fc.constantFrom<Task>('single-label', 'multi-label'),
        seed: fc.integer({ min: 0, max: 1e6 }),
        mean: fc.constantFrom(0, 3, 100),
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (shape, share) => {
        const { examples, weights, options } = draw(shape);
        const mixture = [
          { ...term, share, weight: 0.3 },
          { ...term, weight: 0.7 },
        ];
        const { inputs, targets } = await examples.gather(everyRow(examples));
        const centred = centreTargets(targets, examples.classes, options.task, weights);
        const byKernel = await fitByKernel({ inputs, targets }, mixture, { ...options, centred });
        const bySums = await fitBySums(examples, mixture, options);
        // Nearly dependent columns lose digits of the float32 products: 1e-5 in the worst of 2,500 draws, 1e-7 in most.
        expect(headDifference(bySums, byKernel, shape.mean)).toBeLessThan(1e-4);
      },
    ),
    { numRuns: 40 },
  );
});

test('a kernel that is too large for a factor in float64 gives the head of the sums, too', async () => {
  const { examples, weights, options } = draw({ count: 1600, sizes: [3, 4], classes: 3, task: 'single-label', seed: 7 });
  const { inputs, targets } = await examples.gather(everyRow(examples));
  const centred = centreTargets(targets, examples.classes, options.task, weights);
  const byKernel = await fitByKernel({ inputs, targets }, [term], { ...options, centred });
  expect(differenceOf(allOf(byKernel), allOf(await fitBySums(examples, [term], options)))).toBeLessThan(1e-4);
});
