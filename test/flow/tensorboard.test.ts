/** The event files of graft export-run, read by TensorBoard from PyPI. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/graft.ts';
import { exportableRun, exportedJob } from '../support/models/exported-run.ts';
import { epochs } from '../support/models/scored-model.ts';
import { pythonEnvironment } from '../support/processes/python-program.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('scripts/read-events.py', import.meta.url));

test('TensorBoard reads the scalars and texts of an exported run', async () => {
  const folder = scratchFolder();
  await (await exportableRun())(folder);
  const environment = await pythonEnvironment('tensorboard', '2.21.0');
  const { stdout } = await run(join(environment, 'bin/python'), [script, folder]);
  const runs = JSON.parse(stdout);
  const history = epochs(6);
  const near = (value: number) => expect.closeTo(value, 5);
  expect(Object.keys(runs).sort()).toEqual(['test', 'train', 'validation'].map((name) => `${exportedJob}/${name}`));
  const { [`${exportedJob}/train`]: train, [`${exportedJob}/validation`]: validation, [`${exportedJob}/test`]: tested } = runs;
  expect(train.epoch_loss).toEqual(history.map(({ epoch, loss }) => [epoch, near(loss)]));
  expect(train.epoch_accuracy).toEqual(history.map(({ epoch, accuracy }) => [epoch, near(accuracy)]));
  expect(train.epoch_learning_rate).toEqual(history.map(({ epoch }) => [epoch, near(0.01)]));
  expect(validation.epoch_loss).toEqual(history.map(({ epoch, validationLoss }) => [epoch, near(validationLoss)]));
  expect(validation.epoch_accuracy).toEqual(history.map((of) => [of.epoch, near(of.validationAccuracy)]));
  expect(train.strategy).toEqual([[0, '**stage-features**, cut at stages. Few images.']]);
  expect(train.spec[0][1]).toContain('| training.seed | `7` |');
  expect(tested['published/accuracy']).toEqual([[3, expect.any(Number)]]);
});
