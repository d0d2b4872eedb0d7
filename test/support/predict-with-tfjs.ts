import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExportedFile } from '../../lib/model-exports/exported-model.ts';
import { writeExport } from './exported-model.ts';
import { scratchFolder } from './graft.ts';
import { root } from './pages.ts';

/** What `@tensorflow/tfjs` is: its parts in one module. */
const TFJS = `export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
`;

/** Opens the model from the folder, and runs the example on images that are decoded as Graft decodes them. */
const RUN = `import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { openModel } from './predict.mjs';

const { modelTopology, weightsManifest: [{ paths, weights }] } = JSON.parse(await readFile('model.json', 'utf8'));
const shards = await Promise.all(paths.map((path) => readFile(path)));
const load = async () => ({ modelTopology, weightSpecs: weights, weightData: new Uint8Array(Buffer.concat(shards)).buffer });
const predict = await openModel({ load }, JSON.parse(await readFile('labels.json', 'utf8')));
for (const path of process.argv.slice(2)) {
  const upright = sharp(path, { autoOrient: true }).flatten({ background: 'white' }).toColourspace('srgb').ensureAlpha();
  const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  console.log(JSON.stringify(await predict({ data: new Uint8Array(data), width, height })));
}
`;

/** Runs the example of an export for TF.js in Node.js, without Graft. @returns the labels of each image */
export async function predictWithTfjs(
  files: readonly ExportedFile[],
  images: readonly string[],
): Promise<{ label: string; probability: number }[][]> {
  const folder = scratchFolder();
  writeExport(folder, [...files, { name: 'run.mjs', content: RUN }], ['sharp']);
  const packages = join(folder, 'node_modules', '@tensorflow');
  mkdirSync(join(packages, 'tfjs'), { recursive: true });
  for (const name of ['tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu'])
    symlinkSync(join(root, 'node_modules', '@tensorflow', name), join(packages, name));
  writeFileSync(join(packages, 'tfjs', 'package.json'), '{ "type": "module", "main": "index.js" }');
  writeFileSync(join(packages, 'tfjs', 'index.js'), TFJS);
  const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs', ...images], { cwd: folder });
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('['))
    .map((line) => JSON.parse(line));
}
