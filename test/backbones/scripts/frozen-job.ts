/**
 * A job on a frozen backbone with random weights and the smallest images that it takes, to its end, in a process of its own.
 * `frozen-job.ts DATASET DIRECTORY NAME ALPHA`
 */
import { findRow } from '../../../lib/backbones/find-row.ts';
import { fineTune } from '../../../lib/library/fine-tune.ts';

const [dataset = '', dataDirectory = '', name = '', alpha = ''] = process.argv.slice(2);
const inputSize = findRow(name).inputSize.minimum;
const start = performance.now();
const { strategy, seconds, metrics, runtime } = await fineTune({
  name: 'frozen',
  dataset,
  dataDirectory,
  backbone: { name, alpha: Number(alpha), weights: 'none', inputSize },
  strategy: 'feature-extraction',
  training: { epochs: 1 },
});
const mebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
const wall = Math.round((performance.now() - start) / 1000);
const told = { name, alpha, inputSize, cut: strategy.cut, runtime, seconds, wall, mebibytes, loss: metrics.validation.loss };
process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
