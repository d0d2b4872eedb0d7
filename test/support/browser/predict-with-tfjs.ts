import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExportedFile } from '../../../lib/model-exports/exported-model.ts';
import { root } from '../docs/pages.ts';
import { scratchFolder } from '../graft.ts';
import { writeExport } from '../models/exported-model.ts';

/** What `@tensorflow/tfjs` is: its parts in one module. */
export const TFJS = `export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
`;

/** Reads the model from the folder. */
const LOAD = `import { readFile } from 'node:fs/promises';

const { modelTopology, weightsManifest: [{ paths, weights }] } = JSON.parse(await readFile('model.json', 'utf8'));
const shards = await Promise.all(paths.map((path) => readFile(path)));
const load = async () => ({ modelTopology, weightSpecs: weights, weightData: new Uint8Array(Buffer.concat(shards)).buffer });
`;

/** Runs the example on images that are decoded as a browser decodes them: transparent pixels stay transparent. */
const PREDICT = `import sharp from 'sharp';
import { openModel } from './predict.mjs';
${LOAD}
const predict = await openModel({ load }, JSON.parse(await readFile('card.json', 'utf8')));
for (const path of process.argv.slice(2)) {
  const upright = sharp(path, { autoOrient: true }).toColourspace('srgb').ensureAlpha();
  const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  console.log(JSON.stringify(await predict({ data: new Uint8Array(data), width, height })));
}
`;

/** Trains all layers on noise with random labels, and compares the weights. */
const TRAIN = `import * as tf from '@tensorflow/tfjs';
${LOAD}
const model = await tf.loadLayersModel({ load });
const [, height, width] = model.inputs[0].shape;
const images = tf.randomUniform([8, height, width, 3], 0, 255, 'float32', 1);
const targets = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32'), 3);
const before = new Map(model.weights.map((weight) => [weight.originalName, [...weight.read().dataSync()]]));
model.compile({ optimizer: tf.train.adam(1e-2), loss: 'categoricalCrossentropy' });
const { history } = await model.fit(images, targets, { epochs: 4, batchSize: 8, verbose: 0 });
const isSame = (weight) => String(before.get(weight.originalName)) === String([...weight.read().dataSync()]);
const frozen = model.layers.filter(({ trainable }) => !trainable).flatMap(({ weights }) => weights);
const trained = model.layers.filter(({ trainable }) => trainable).flatMap(({ weights }) => weights);
console.log(JSON.stringify({ losses: history.loss, frozen: frozen.map(isSame), trained: trained.map(isSame) }));
`;

/** Goes on training an export for TF.js in Node.js, without Graft. @returns for each weight, whether it is as before */
export async function trainWithTfjs(
  files: readonly ExportedFile[],
): Promise<{ losses: number[]; frozen: boolean[]; trained: boolean[] }> {
  return JSON.parse((await runWithTfjs(files, TRAIN, [])).trim().split('\n').at(-1) ?? '');
}

/** Runs the example of an export for TF.js in Node.js, without Graft. @returns the labels of each image */
export async function predictWithTfjs(
  files: readonly ExportedFile[],
  images: readonly string[],
): Promise<{ label: string; probability: number }[][]> {
  return (await runWithTfjs(files, PREDICT, images))
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('['))
    .map((line) => JSON.parse(line));
}

async function runWithTfjs(files: readonly ExportedFile[], script: string, images: readonly string[]): Promise<string> {
  const folder = scratchFolder();
  writeExport(folder, [...files, { name: 'run.mjs', content: script }], ['sharp']);
  const packages = join(folder, 'node_modules', '@tensorflow');
  mkdirSync(join(packages, 'tfjs'), { recursive: true });
  for (const name of ['tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu'])
    symlinkSync(join(root, 'node_modules', '@tensorflow', name), join(packages, name));
  writeFileSync(join(packages, 'tfjs', 'package.json'), '{ "type": "module", "main": "index.js" }');
  writeFileSync(join(packages, 'tfjs', 'index.js'), TFJS);
  const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs', ...images], { cwd: folder });
  return stdout;
}
