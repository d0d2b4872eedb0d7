import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { chooseMixture, type MixtureTerm } from '../../../../lib/training/closed-form/choose-mixture.ts';
import { blocksOf } from '../../../../lib/training/closed-form/feature-block.ts';
import { fitByKernel } from '../../../../lib/training/closed-form/fit-by-kernel.ts';
import { fitBySums } from '../../../../lib/training/closed-form/fit-by-sums.ts';
import { fitClosedForm, scoreLogisticFolds } from '../../../../lib/training/closed-form/fit-closed-form.ts';
import { openKernelLogistic } from '../../../../lib/training/closed-form/kernel-logistic.ts';
import type { LinearHead } from '../../../../lib/training/closed-form/linear-head.ts';
import { centreTargets } from '../../../../lib/training/closed-form/scores.ts';
import { type Examples, memoryExamples, subsetOf, targetsOf } from '../../../../lib/training/examples.ts';
import type { Task } from '../../../../lib/training/losses/loss.ts';

const blocks = blocksOf([
  { name: 'early', size: 5 },
  { name: 'top', size: 7 },
]);
const width = 12;
const yieldToEventLoop = async () => {};
const term: MixtureTerm = { model: 'ridge', share: 0.4, withGrids: false, ridge: 0.3, temperature: 5, weight: 1, loss: 0 };

/** Classes are told apart by the early block alone; the top one is noise. */
function examplesOf(count: number, { seed = 1, classes = 3 } = {}): Examples {
  const random = randomStream(seed, 'examples');
  const labels = Array.from({ length: count }, (_, row) => [row % classes]);
  const inputs = Float32Array.from({ length: count * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return random.next() + (column === row % classes ? 1.5 : 0);
  });
  return memoryExamples({ inputShape: [width], classes, inputs, targets: targetsOf(labels, classes) });
}

function optionsOf({ count }: Examples, task: Task = 'single-label') {
  return { task, blocks, weights: new Float64Array(count).fill(1), yieldToEventLoop };
}

/** Each row is a fold, so that cross-validation leaves one out. */
function mixtureOptionsOf(examples: Examples, task: Task = 'single-label') {
  return { ...optionsOf(examples, task), folds: [...Array(examples.count).keys()].map((row) => [row]), seed: 0 };
}

async function logitsOf({ kernel, bias }: LinearHead, examples: Examples): Promise<number[]> {
  const { inputs } = await examples.gather(Array.from({ length: examples.count }, (_, row) => row));
  const classes = bias.length;
  return Array.from({ length: examples.count * classes }, (_, i) => {
    const [row, label] = [Math.floor(i / classes), i % classes];
    let logit = bias[label] ?? 0;
    for (let column = 0; column < width; column++)
      logit += (inputs[row * width + column] ?? 0) * (kernel[column * classes + label] ?? 0);
    return logit;
  });
}

describe('one ridge regression', () => {
  test('is the same from the products of rows and from sums over them, whatever counts how much', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 40 }),
        fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 40, maxLength: 40 }),
        fc.constantFrom<Task>('single-label', 'multi-label'),
        async (count, counts, task) => {
          const examples = examplesOf(count);
          const weights = Float64Array.from(counts.slice(0, count));
          const centred = centreTargets(examples.targets, examples.classes, task, weights);
          const batch = await examples.gather(Array.from({ length: count }, (_, row) => row));
          const mixture = [
            { ...term, weight: 0.25 },
            { ...term, share: 1, ridge: 0.01, weight: 0.75 },
          ];
          const byKernel = await fitByKernel(batch, mixture, { task, blocks, weights, centred, yieldToEventLoop });
          const bySums = await fitBySums(examples, mixture, { task, blocks, weights, yieldToEventLoop });
          for (const of of ['kernel', 'bias'] as const)
            for (const [i, value] of byKernel[of].entries()) expect(bySums[of][i]).toBeCloseTo(value, 3);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('has the gradient 0 at its solution: nothing near it has a lower loss', async () => {
    const examples = examplesOf(20);
    const only = blocksOf([{ name: 'top', size: width }]);
    const head = await fitClosedForm(examples, [{ ...term, share: 0, temperature: 1 }], { ...optionsOf(examples), blocks: only });
    const scores = await logitsOf(head, examples);
    // In the columns as they are scaled, whose kernel is what the ridge holds back.
    const { inputs, targets } = await examples.gather(Array.from({ length: 20 }, (_, row) => row));
    const means = columnMeans(inputs);
    for (let column = 0; column < width; column++) {
      const deviation = Math.sqrt(mean(rowsOf(inputs, column).map((value) => (value - (means[column] ?? 0)) ** 2)));
      const scale = scaleOf(inputs, column);
      expect(deviation).toBeGreaterThan(0);
      const pull = rowsOf(inputs, column).reduce(
        (sum, value, row) =>
          sum + (value - (means[column] ?? 0)) * scale * ((targets[row * 3] ?? 0) - 1 / 3 - (scores[row * 3] ?? 0)),
        0,
      );
      expect(pull).toBeCloseTo((term.ridge * (head.kernel[column * 3] ?? 0)) / scale, 3);
    }
  });
});

describe('one kernel logistic regression', () => {
  test('has the gradient 0 at its solution, for each subset of the rows', async () => {
    const examples = examplesOf(30);
    const { inputs, targets } = await examples.gather([...Array(30).keys()]);
    const kernel = Float64Array.from({ length: 900 }, (_, i) => 1 + dotOfRows(inputs, Math.floor(i / 30), i % 30) / width);
    const weights = Float64Array.from({ length: 30 }, (_, row) => 0.5 + (row % 4));
    const leftOut = [[], [0, 7, 8, 29]];
    const regression = await openKernelLogistic({ kernel, targets, weights, leftOut, yieldToEventLoop });
    const ridge = 0.5;
    const { logits, dual } = await regression.fit(ridge);
    await regression.close();
    for (const subset of [0, 1])
      for (let row = 0; row < 30; row++) {
        const own = [...logits.subarray(row * 6 + subset * 3, row * 6 + subset * 3 + 3)];
        const partition = own.reduce((sum, logit) => sum + Math.exp(logit), 0);
        const isIn = !leftOut[subset]?.includes(row);
        for (const [label, logit] of own.entries()) {
          const residual = (targets[row * 3 + label] ?? 0) - Math.exp(logit) / partition;
          const expected = isIn ? (weights[row] ?? 0) * residual : 0;
          expect(ridge * (dual[row * 6 + subset * 3 + label] ?? Number.NaN)).toBeCloseTo(expected, 2);
        }
      }
  });
});

describe('the mixture', () => {
  test('trusts the block that tells the classes apart, and its weights add up to 1', async () => {
    const examples = examplesOf(90);
    const mixture = await chooseMixture(examples, mixtureOptionsOf(examples));
    expect(mixture.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1);
    expect(mixture.every(({ share }) => share > 0)).toBe(true);
  });

  test.each<[Task, MixtureTerm['model']]>([
    ['single-label', 'logistic'],
    ['multi-label', 'ridge'],
  ])('%s: its loss is that of %s regressions which were each fitted without one example', async (task, model) => {
    const examples = examplesOf(24, { seed: 3 });
    const [chosen] = await chooseMixture(examples, mixtureOptionsOf(examples, task));
    if (chosen === undefined) expect.fail('no term');
    expect(chosen.model).toBe(model);
    let loss = 0;
    for (let row = 0; row < examples.count; row++) {
      const others = subsetOf(
        examples,
        [...Array(examples.count).keys()].filter((other) => other !== row),
      );
      const head = await fitClosedForm(others, [{ ...chosen, weight: 1 }], optionsOf(others, task));
      const logits = await logitsOf(head, subsetOf(examples, [row]));
      loss += lossOf(logits, row % 3, task) / examples.count;
    }
    // The scaling of the columns alone knows of the example that is left out.
    expect(chosen.loss / loss).toBeGreaterThan(0.8);
    expect(chosen.loss / loss).toBeLessThan(1.25);
  });

  test('its loss of related examples is that of ridge regressions which left all of them out', async () => {
    const examples = examplesOf(24, { seed: 3 });
    const task = 'multi-label';
    const sets = Array.from({ length: 8 }, (_, set) => [set, set + 8, set + 16]);
    const [chosen] = await chooseMixture(examples, { ...mixtureOptionsOf(examples, task), related: sets });
    if (chosen === undefined) expect.fail('no term');
    let loss = 0;
    for (const rows of sets) {
      const others = subsetOf(
        examples,
        [...Array(examples.count).keys()].filter((other) => !rows.includes(other)),
      );
      const head = await fitClosedForm(others, [{ ...chosen, weight: 1 }], optionsOf(others, task));
      for (const row of rows) {
        const logits = await logitsOf(head, subsetOf(examples, [row]));
        loss += lossOf(logits, row % 3, task) / examples.count;
      }
    }
    // They differ by the standardization and the mean of the targets.
    expect(chosen.loss / loss).toBeGreaterThan(0.8);
    expect(chosen.loss / loss).toBeLessThan(1.25);
  });

  test('is of ridge regressions where it will be fitted to more examples than logistic ones can take', async () => {
    const examples = examplesOf(24);
    const mixture = await chooseMixture(examples, { ...mixtureOptionsOf(examples), fitted: 6000 });
    expect(mixture.map(({ model }) => model)).not.toContain('logistic');
  });

  test.each<Task>(['single-label', 'multi-label'])('lets a job renew its lease between two strengths: %s', async (task) => {
    let yields = 0;
    const counting = async () => {
      yields++;
    };
    const examples = examplesOf(24);
    const fitted = { ...mixtureOptionsOf(examples, task), fitted: 6000, yieldToEventLoop: counting };
    await chooseMixture(examples, { ...fitted, weightings: [{ share: 1, withGrids: false }] });
    expect(yields).toBeGreaterThan(16);
  });

  test('scores folds by logistic regressions as classifiers that were each fitted without the fold', async () => {
    const examples = examplesOf(45, { seed: 2 });
    const folds = [0, 1, 2].map((fold) => [...Array(45).keys()].filter((row) => row % 5 === fold));
    const mixture: MixtureTerm[] = [
      { ...term, model: 'logistic', temperature: 1, weight: 0.4 },
      { ...term, model: 'logistic', temperature: 1, share: 1, ridge: 1, weight: 0.6 },
    ];
    const scores = await scoreLogisticFolds(examples, mixture, folds, optionsOf(examples));
    for (const [fold, rows] of folds.entries()) {
      const others = subsetOf(
        examples,
        [...Array(45).keys()].filter((row) => !rows.includes(row)),
      );
      const logits = await logitsOf(await fitClosedForm(others, mixture, optionsOf(others)), subsetOf(examples, rows));
      // They differ by the standardization alone.
      for (const [i, logit] of logits.entries()) expect(Math.abs(logit - (scores?.[fold]?.[i] ?? Number.NaN))).toBeLessThan(0.25);
    }
  });

  test.each<[string, Examples, Task]>([
    ['fewer images than classes', examplesOf(2, { classes: 5 }), 'single-label'],
    ['one image', examplesOf(1), 'single-label'],
    ['a label without an image', memoryExamples({ ...plain(), targets: targetsOf([[0], [0], [1]], 3) }), 'multi-label'],
    ['features that are all the same', memoryExamples({ ...plain(0), targets: targetsOf([[0], [1], [2]], 3) }), 'single-label'],
  ])('of %s is finite, and so is its classifier', async (_, examples, task) => {
    const options = optionsOf(examples, task);
    const mixture = await chooseMixture(examples, mixtureOptionsOf(examples, task));
    const head = await fitClosedForm(examples, mixture, options);
    expect([...head.kernel, ...head.bias].every(Number.isFinite)).toBe(true);
  });
});

function lossOf(logits: readonly number[], label: number, task: Task): number {
  if (task === 'single-label') return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (logits[label] ?? 0);
  return logits.reduce((sum, logit, i) => sum + Math.log1p(Math.exp(logit)) - (i === label ? logit : 0), 0);
}

function plain(scale = 1) {
  return { inputShape: [width], classes: 3, inputs: Float32Array.from({ length: 3 * width }, (_, i) => scale * Math.sin(i)) };
}

function dotOfRows(inputs: Float32Array, a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += (inputs[a * width + k] ?? 0) * (inputs[b * width + k] ?? 0);
  return sum;
}

function rowsOf(inputs: Float32Array, column: number): number[] {
  return [...inputs].filter((_, i) => i % width === column);
}

function columnMeans(inputs: Float32Array): number[] {
  return Array.from({ length: width }, (_, column) => mean(rowsOf(inputs, column)));
}

/** A standard deviation of 1, a thousandth of the mean deviation held back, and rows of a mean squared length of 1. */
function scaleOf(inputs: Float32Array, column: number): number {
  const deviations = Array.from({ length: width }, (_, of) => {
    const rows = rowsOf(inputs, of);
    return Math.sqrt(mean(rows.map((value) => (value - mean(rows)) ** 2)));
  });
  const floor = 0.1 * mean(deviations);
  const length = Math.sqrt(deviations.reduce((sum, deviation) => sum + (deviation / (deviation + floor)) ** 2, 0));
  return 1 / ((deviations[column] ?? 0) + floor) / length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
