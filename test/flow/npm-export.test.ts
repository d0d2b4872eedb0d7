import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import { fixturePath } from '../support/fixtures.ts';
import { scratchFolder } from '../support/graft.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../support/models/exported-model.ts';

const run = promisify(execFile);
/** Without the libraries for GPUs, which onnxruntime-node would download. */
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };

test('npm installs the packed export with what it needs into an empty project, where it predicts as Graft does', async () => {
  const [source, project] = [scratchFolder(), scratchFolder()];
  const model = exportedModel();
  writeExport(source, await exportModel(model, 'npm'));
  const { stdout: packed } = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: source, env });
  const [{ filename }] = JSON.parse(packed);
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`];
  await run('npm', install, { cwd: project, env });
  const image = fixturePath('trash/glass/glass119.jpg');
  const program = `import { predict } from 'rubbish-model';
    console.log(JSON.stringify(await predict(${JSON.stringify(image)})));`;
  writeFileSync(join(project, 'program.js'), program);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project, env });
  const expected = await graftPredictions(model, await readFile(image));
  expect(largestDifference(JSON.parse(stdout).labels, expected)).toBeLessThan(1e-4);
});
