/**
 * Every model.onnx runs wherever ONNX does: the Python package onnx checks it, and its reference evaluator gives
 * Graft's probabilities.
 */
import { cp, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadBackbone } from '../../lib/backbones/load-backbone.ts';
import { exportOnnx } from '../../lib/onnx/export-onnx.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { float16Weights } from '../../lib/quantization/float16-weights.ts';
import { quantizeModel } from '../../lib/quantization/quantize-model.ts';
import { graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';
import { convolutionalClassifier } from '../support/models/convolutional-classifier.ts';
import { checkOnnx, runOnnxReference } from '../support/models/onnx-reference.ts';
import { useTensorFlow } from '../support/tensorflow.ts';
import { photographs } from '../support/weights/own-models.ts';

const encoder = (name: string) => fileURLToPath(new URL(`../fixtures/own-models/${name}.onnx`, import.meta.url));
const normalized = ['--own-mean', '0.485,0.456,0.406', '--own-std', '0.229,0.224,0.225'];
const standard = { domains: ['ai.onnx'], imports: ['ai.onnx'] };

describe('the published model of a job', () => {
  const cases: {
    job: string;
    dataset?: () => Promise<string>;
    flags?: string[];
    spec?: object;
    size: [number, number];
    labels: number;
    scoresNovelty?: boolean;
  }[] = [
    { job: 'with one label an image', spec: { strategy: 'feature-extraction', head: 'mlp' }, size: [32, 32], labels: 6 },
    { job: 'with several labels an image', dataset: severalLabels, size: [32, 32], labels: 3 },
    { job: 'that fine-tunes the top', spec: { strategy: 'fine-tune-top' }, size: [32, 32], labels: 6 },
    {
      job: 'that fine-tunes all layers, so that no features stay for a novelty score',
      spec: { strategy: 'fine-tune-all' },
      size: [32, 32],
      labels: 6,
      scoresNovelty: false,
    },
    {
      job: "on a user's own ViT, whose input has another name",
      flags: ['--backbone', encoder('vit'), ...normalized, '--own-output', 'last_hidden_state'],
      size: [32, 32],
      labels: 6,
    },
    {
      job: "on a user's own encoder of maps",
      flags: ['--backbone', encoder('map'), ...normalized, '--input-size', '40x56'],
      size: [40, 56],
      labels: 6,
    },
    {
      job: "on a user's own encoder that takes one image at a time",
      flags: ['--backbone', encoder('fixed-batch'), ...normalized],
      size: [32, 32],
      labels: 6,
    },
  ];

  test.each(cases)('$job', async ({ dataset, flags = [], spec, size, labels, scoresNovelty = true }) => {
    const folder = scratchFolder();
    const path = join(folder, 'spec.json');
    const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' };
    const training = { epochs: 2, batchSize: 16 };
    await writeFile(path, JSON.stringify({ ...(flags.length === 0 && { backbone }), training, ...spec }));
    const images = (await dataset?.()) ?? trashPhotographs;
    const command = ['train', '--dataset', images, '--name', 'standard', '--spec', path, ...flags, '--wait'];
    const trained = await graftJson(command, { GRAFT_DATA_DIR: join(folder, 'data') });
    expect(trained, JSON.stringify(trained.error)).toMatchObject({ state: 'SUCCEEDED' });

    const served = join(dirname(trained.report), 'model.onnx');
    const [height, width] = size;
    const pixels = photographs(3, size);
    const { results, ...checked } = await runOnnxReference(served, pixels, [3, height, width]);
    const outputs = [{ name: 'probabilities', shape: ['N', labels] }];
    if (scoresNovelty) outputs.push({ name: 'novelty', shape: ['N'] });
    expect(checked).toEqual({ ...standard, inputs: [{ name: 'images', shape: ['N', height, width, 3] }], outputs });

    const session = await openSession(served);
    const further = outputs.slice(1).map(({ name }) => name);
    const run = await session.run(pixels, [3, height, width, 3], further);
    await session.close();
    for (const [index, { data }] of [run, ...run.further].entries()) {
      const { name = '' } = outputs[index] ?? {};
      const expected = results[name] ?? [];
      expect(data, name).toHaveLength(expected.length);
      const scale = Math.max(1, ...expected);
      expect(Math.max(...data.map((value, at) => Math.abs(value - Number(expected[at])))), name).toBeLessThan(1e-5 * scale);
    }
  });
});

describe('a backbone as a graph', () => {
  useTensorFlow();

  test.each([
    'convnext_tiny',
    'densenet121',
    'efficientnet_lite0',
    'efficientnet_v2_b0',
    'inception_resnet_v2',
    'inception_v3',
    'mobilenet_v2',
    'mobilenet_v3_small',
    'nasnet_mobile',
    'resnet50_v2',
    'xception',
  ])('%s is of the standard', async (name) => {
    const { model, preprocessing, inputSize } = loadBackbone({ name, weights: 'none', pooling: 'avg' });
    const file = join(scratchFolder(), 'backbone.onnx');
    await writeFile(file, exportOnnx(model, { preprocessing }));
    const [features] = model.outputs;
    model.dispose();
    expect(await checkOnnx(file)).toEqual({
      ...standard,
      inputs: [{ name: 'images', shape: ['N', ...inputSize, 3] }],
      outputs: [{ name: 'features', shape: ['N', features?.shape[1]] }],
    });
  });
});

/** Photographs with a manifest that gives each of them none, one or two of three labels. */
async function severalLabels(): Promise<string> {
  const folder = scratchFolder();
  const rows = ['path,labels'];
  for (const [kind, labels] of [
    ['glass', 'clear'],
    ['metal', 'hard|shiny'],
    ['plastic', 'clear|shiny'],
    ['trash', ''],
  ] as const) {
    await cp(join(trashPhotographs, kind), join(folder, kind), { recursive: true });
    for (const name of await readdir(join(folder, kind))) rows.push(`${kind}/${name},${labels}`);
  }
  await writeFile(join(folder, 'manifest.csv'), rows.join('\n'));
  return folder;
}

test.each(['int8', 'float16'] as const)('an export in %s is standard ONNX, with the same probabilities', async (precision) => {
  const [height, width, count] = [32, 32, 4];
  const original = convolutionalClassifier(5, { height, width });
  const images = photographs(count, [height, width]);
  const size = height * width * 3;
  const pixels = Array.from({ length: count }, (_, i) => images.subarray(i * size, (i + 1) * size));
  const quantized = precision === 'int8' ? await quantizeModel(original, { pixels, height, width }) : undefined;
  const model = join(scratchFolder(), 'model.onnx');
  await writeFile(model, quantized?.onnx ?? float16Weights(original));
  const { results, ...checked } = await runOnnxReference(model, images, [count, height, width]);
  expect(checked).toMatchObject(standard);
  const session = await openSession(model);
  const { data } = await session.run(images, [count, height, width, 3]);
  await session.close();
  const reference = results.probabilities ?? new Float32Array();
  expect(reference).toHaveLength(data.length);
  // Sums in another order may round to the next of 256 levels.
  expect(Math.max(...data.map((value, i) => Math.abs(value - (reference[i] ?? Number.NaN))))).toBeLessThan(
    precision === 'int8' ? 5e-3 : 1e-4,
  );
});
