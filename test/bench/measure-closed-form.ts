/** A separate process that fits one closed-form head and prints time and peak memory. `measure-closed-form.ts NAME` */

import { randomStream } from '../../lib/random.ts';
import { chooseMixture, type MixtureTerm } from '../../lib/training/closed-form/choose-mixture.ts';
import { blocksOf } from '../../lib/training/closed-form/feature-block.ts';
import { fitBySums } from '../../lib/training/closed-form/fit-by-sums.ts';
import { fitClosedForm } from '../../lib/training/closed-form/fit-closed-form.ts';
import { everyRow, examplesFrom, targetsOf } from '../../lib/training/examples.ts';
import { CLOSED_FORM_CASES } from './closed-form-cases.ts';

const found = CLOSED_FORM_CASES.find(({ name }) => name === process.argv[2]);
if (found === undefined) throw new Error(`one of ${CLOSED_FORM_CASES.map(({ name }) => name).join(', ')}`);
const { rows: count, blocks: sizes, choose } = found;
const CLASSES = 10;
const FOLDS = 5;
/** Noise that the rows take turns with, because fresh noise would take longer than the sums. */
const NOISE = 2 ** 20;

const random = randomStream(0, 'closed-form');
const noise = Float32Array.from({ length: NOISE }, () => random.next() + random.next());
const blocks = blocksOf(Object.entries(sizes).map(([name, size]) => ({ name, size, isGrid: name.endsWith('-grid') })));
const width = blocks.reduce((sum, { size }) => sum + size, 0);
const examples = examplesFrom({
  inputShape: [width],
  classes: CLASSES,
  targets: targetsOf(
    Array.from({ length: count }, (_, row) => [row % CLASSES]),
    CLASSES,
  ),
  read: async (rows) => {
    const inputs = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) {
      const start = (row * 7919) % (NOISE - width);
      inputs.set(noise.subarray(start, start + width), i * width);
      // Every tenth column tells a class apart.
      for (let at = i * width + (row % CLASSES); at < (i + 1) * width; at += CLASSES) inputs[at] = (inputs[at] ?? 0) + 0.2;
    }
    return inputs;
  },
});
const options = {
  task: 'single-label' as const,
  blocks,
  weights: new Float64Array(count).fill(1),
  yieldToEventLoop: async () => {},
};
const folds = Array.from({ length: FOLDS }, (_, fold) => everyRow(examples).filter((row) => row % FOLDS === fold));
const known: MixtureTerm = { model: 'ridge', share: 0.6, withGrids: false, ridge: 0.1, temperature: 8, weight: 1, loss: 0 };
const [wall, cpu] = [performance.now(), process.cpuUsage()];
if (choose) {
  const mixture = await chooseMixture(examples, { ...options, folds, seed: 0 });
  await fitClosedForm(examples, mixture, options);
} else {
  await fitBySums(examples, [known], options);
}
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    wallSeconds: (performance.now() - wall) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
  }),
);
