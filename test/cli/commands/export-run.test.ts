import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../support/graft.ts';
import { exportableRun, exportedJob } from '../../support/models/exported-run.ts';

describe('graft export-run', () => {
  test('writes the same event files each time', async () => {
    const run = await exportableRun();
    const [first, second] = [await run(join(scratchFolder(), 'runs')), await run(join(scratchFolder(), 'runs'))];
    expect(first.epochs).toBe(6);
    expect(first.files.map((file) => file.slice(file.indexOf(exportedJob)))).toEqual(
      ['train', 'validation', 'test'].map((name) => `${exportedJob}/${name}/events.out.tfevents.1893456000.${exportedJob}`),
    );
    for (const [i, file] of first.files.entries()) expect(await readFile(file)).toEqual(await readFile(second.files[i]!));
  });

  test('writes no epochs of a head that was fitted in closed form', async () => {
    const fitted = { epoch: 1, learningRate: 0, loss: 0.1, accuracy: 1, validationLoss: 0.2, validationAccuracy: 0.9 };
    const run = await exportableRun({ history: [fitted], to: 'mlflow' });
    const { epochs, files } = await run(scratchFolder());
    expect(epochs).toBe(0);
    expect(files.filter((file) => file.includes('metrics/train'))).toEqual([]);
  });

  test('replaces nothing', async () => {
    const run = await exportableRun();
    const folder = scratchFolder();
    const { files } = await run(folder);
    const before = await readFile(files[0]!);
    await expect(run(folder)).rejects.toMatchObject({ code: 'FILE_EXISTS', at: join(folder, exportedJob) });
    expect(await readFile(files[0]!)).toEqual(before);
    await writeFile(join(folder, 'file'), '');
    await expect(run(join(folder, 'file/runs'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });

  test('writes a run of MLflow beside those of other jobs, and replaces none', async () => {
    const run = await exportableRun({ to: 'mlflow' });
    const folder = join(scratchFolder(), 'mlruns');
    const { files, epochs } = await run(folder);
    const [meta = ''] = files;
    expect(epochs).toBe(6);
    expect(await readFile(meta, 'utf8')).toContain('experiment_id: "');
    expect(await readFile(join(dirname(meta), '../meta.yaml'), 'utf8')).toContain('name: "scored"');
    const read = (path: string) => readFile(join(dirname(meta), path), 'utf8');
    expect(await read('params/training.seed')).toBe('7');
    expect((await read('metrics/train/loss')).trim().split('\n')).toHaveLength(6);
    expect(await read('metrics/published/test/accuracy')).toMatch(/^1893456000000 0\.\d+ 3\n$/);
    await expect(run(folder)).rejects.toMatchObject({ code: 'FILE_EXISTS', at: dirname(meta) });
  });

  test('has nothing to write of a job without a version', async () => {
    const run = await exportableRun({ state: 'RUNNING' });
    const folder = join(scratchFolder(), 'runs');
    await expect(run(folder)).rejects.toMatchObject({ code: 'RUN_UNAVAILABLE', received: 'a training that is RUNNING' });
    expect(existsSync(folder)).toBe(false);
  });
});
