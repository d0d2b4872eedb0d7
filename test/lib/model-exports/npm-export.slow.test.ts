import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../../lib/model-exports/exported-model.ts';
import { root } from '../../support/docs/pages.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { scratchFolder } from '../../support/graft.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../../support/models/exported-model.ts';

const run = promisify(execFile);
const hostile = ['a "quoted" name', "it's \\ odd", 'line\nbreak', '</script>', 'plain'];

/** A project with the package installed from its tarball, and with the packages that npm would install. */
async function project(model: ExportedModel): Promise<string> {
  const source = scratchFolder();
  const folder = scratchFolder();
  writeExport(source, await exportModel(model, 'npm'));
  const { stdout } = await run('npm', ['pack', '--json', '--offline', '--pack-destination', folder], { cwd: source });
  const [{ filename }] = JSON.parse(stdout);
  const installed = join(folder, 'node_modules', 'rubbish-model');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components', '1']);
  for (const name of ['onnxruntime-node', 'sharp']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

/** @returns what the compiler of this repository prints about a program in that project */
async function compile(folder: string, program: string): Promise<string> {
  writeFileSync(join(folder, 'program.ts'), program);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022'];
  return run(process.execPath, [tsc, ...options, 'program.ts'], { cwd: folder }).then(
    ({ stdout }) => stdout,
    ({ stdout }) => stdout,
  );
}

test.each([
  { task: 'single-label', crops: true },
  { task: 'multi-label', crops: false },
] as const)('the package predicts paths and bytes as Graft does: $task, crops: $crops', async (wanted) => {
  const model = exportedModel({ ...wanted, labels: hostile });
  const folder = await project(model);
  const image = fixturePath('trash/glass/glass119.jpg');
  const program = `
    import { readFile } from 'node:fs/promises';
    import { labels, predict } from 'rubbish-model';
    const image = ${JSON.stringify(image)};
    console.log(JSON.stringify({ labels, path: await predict(image), bytes: await predict(await readFile(image)) }));
  `;
  writeFileSync(join(folder, 'program.mjs'), program);
  const { stdout } = await run(process.execPath, [join(folder, 'program.mjs')]);
  const { labels, path, bytes } = JSON.parse(stdout);
  const expected = await graftPredictions(model, await readFile(image));
  expect(labels).toEqual(hostile);
  expect(bytes).toEqual(path);
  expect(Object.keys(path)).toEqual(['labels']);
  expect(largestDifference(path.labels, expected)).toBeLessThan(1e-4);
  expect(path.labels.map(({ given }: { given?: boolean }) => given)).toEqual(expected.map(({ given }) => given));
});

test.each([
  ['known', 'single-label', 1e9, true],
  ['unknown', 'single-label', 0.5, false],
  ['known', 'one-class', 1e9, true],
  ['unknown', 'one-class', 0.5, false],
] as const)('the package says whether an image is %s: %s', async (_, task, threshold, known) => {
  const labels = task === 'one-class' ? ['good'] : ['a', 'b'];
  const folder = await project(exportedModel({ task, labels, novelty: threshold }));
  const image = JSON.stringify(fixturePath('trash/glass/glass119.jpg'));
  const program = `
    import { predict } from 'rubbish-model';
    const { labels, known, unknownScore } = await predict(${image});
    const answer: { known: boolean; score: number; labels: ('a' | 'b' | 'good')[] } =
      { known, score: unknownScore, labels: labels.map(({ label }) => label) };
    // @ts-expect-error: it is no text.
    const text: string = known;
  `;
  expect(await compile(folder, program)).toBe('');
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { predict } from 'rubbish-model';\nconsole.log(JSON.stringify(await predict(${image})));`,
  );
  const { stdout } = await run(process.execPath, [join(folder, 'program.mjs')]);
  const predicted = JSON.parse(stdout);
  expect(predicted).toMatchObject({ known, labels: labels.map(() => ({})) });
  expect(predicted.unknownScore > threshold).toBe(!known);
});

test('TypeScript knows the labels: a comparison with another one is an error', async () => {
  const folder = await project(exportedModel({ labels: hostile }));
  const comparisons = hostile.map((label) => `if (label === ${JSON.stringify(label)}) break;`);
  const program = `
    import { labels, predict } from 'rubbish-model';
    const { labels: found, ...more } = await predict(new Uint8Array());
    const nothing: Record<string, never> = more;
    for (const { label, probability } of found) {
      const sure: boolean = probability > 0.5 && labels.length > 1;
      if (!sure) continue;
      // @ts-expect-error: there is no such label.
      if (label === 'glas') break;
      ${comparisons.join('\n')}
    }
  `;
  expect(await compile(folder, program)).toBe('');
});

test('the package is not published by accident, and has no other files than it lists', async () => {
  const files = await exportModel(exportedModel(), 'npm');
  const manifest = JSON.parse(`${files.find(({ name }) => name === 'package.json')?.content}`);
  expect(manifest).toMatchObject({ name: 'rubbish-model', version: '3.0.0', private: true });
  expect(['package.json', ...manifest.files]).toEqual(files.map(({ name }) => name));
});
