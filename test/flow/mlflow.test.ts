/** The runs of graft export-run --to mlflow, read by MLflow from PyPI. */
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
const script = fileURLToPath(new URL('scripts/read-mlflow.py', import.meta.url));

test('MLflow reads the parameters, tags and metrics of an exported run', async () => {
  const folder = scratchFolder();
  await (await exportableRun({ to: 'mlflow' }))(folder);
  const environment = await pythonEnvironment('mlflow-skinny', '3.17.2');
  const { stdout } = await run(join(environment, 'bin/python'), [script, folder], {
    env: { ...process.env, MLFLOW_ALLOW_FILE_STORE: 'true' },
  });
  const [found, ...others] = JSON.parse(stdout);
  expect(others).toEqual([]);
  const history = epochs(6);
  expect(found).toMatchObject({
    experiment: 'scored',
    name: exportedJob,
    status: 'FINISHED',
    params: { 'training.seed': '7' },
    tags: { 'graft.version': 'scored@1', 'graft.strategy': 'stage-features' },
  });
  expect(found.metrics['train/loss']).toEqual(history.map(({ epoch, loss }) => [epoch, loss]));
  expect(found.metrics['validation/accuracy']).toEqual(history.map((of) => [of.epoch, of.validationAccuracy]));
  expect(found.metrics['published/test/accuracy']).toEqual([[3, expect.any(Number)]]);
});
