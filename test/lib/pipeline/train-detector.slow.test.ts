import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { NoveltyThreshold } from '../../../lib/contracts/novelty.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { readCard } from '../../../lib/models/model-package.ts';
import { readModelReport, readReportPage } from '../../../lib/models/report-files.ts';
import { readOnnx } from '../../../lib/models/served-package.ts';
import { summarizeOnnx } from '../../../lib/onnx/read-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import type { World } from '../../../lib/ports.ts';
import { randomStream } from '../../../lib/random.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { runEvaluation } from '../../support/models/run-evaluation.ts';
import { runJob } from '../../support/run-job.ts';
import { testWorld } from '../../support/world.ts';

const SIDE = 64;
const GOOD = 40;

/** Horizontal stripes with noise, and a bright square in the upper left corner if the part is damaged. */
async function drawPart(seed: number, isDamaged: boolean): Promise<Buffer> {
  const stream = randomStream(seed, 'part');
  const phase = stream.integer(8);
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE];
    if (isDamaged && row < 20 && column < 20) return i % 3 === 0 ? 255 : 30;
    return 80 + ((row + phase) % 8) * 12 + stream.integer(20);
  });
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}

async function partsIn(folder: string, label: string, count: number, isDamaged: boolean): Promise<void> {
  await mkdir(join(folder, label), { recursive: true });
  for (let i = 0; i < count; i++)
    await writeFile(join(folder, label, `${i}.png`), await drawPart(isDamaged ? 1000 + i : i, isDamaged));
}

const spec: JobSpecInput = { name: 'parts', dataset: 'parts', backbone: { inputSize: SIDE } };

async function openWorld() {
  const world = testWorld();
  const folder = temporaryFolder();
  await partsIn(folder, 'good', GOOD, false);
  await importSource(folder, world, { name: 'parts' });
  return { world, folder };
}

const evaluate = (dataset: string, world: World) => runEvaluation({ name: 'parts', version: 1, dataset }, world);

test('images of one class make a detector of others, which shows where they differ', async () => {
  const { world, folder } = await openWorld();
  const result = await runJob(spec, world);
  expect(result.features).toHaveProperty('waits');
  expect(world.events).toContain('features');
  const card = await readCard(result, world.store);
  expect(card).toMatchObject({
    task: 'one-class',
    labels: ['good'],
    spec: { task: 'one-class' },
    strategy: { name: 'one-class', cut: 'patches' },
    novelty: { rate: 0.05, images: 32, testShare: expect.any(Number) },
  });
  expect(card).not.toHaveProperty('calibration');
  const { threshold } = NoveltyThreshold.parse(card.novelty);

  const onnx = await readOnnx(result.package, world.store);
  expect(summarizeOnnx(onnx).outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['probabilities', ['N', 1]],
    ['novelty', ['N']],
    ['anomaly_map', ['N', 4, 4]],
  ]);
  const predictor = openPredictor(world.store, (bytes) => openSession(bytes, { threads: 1 }), openExplainerLazily);
  const images = [
    { name: 'damaged', bytes: await drawPart(2000, true) },
    { name: 'good', bytes: await drawPart(1, false) },
  ];
  const { predictions } = await predictor.predict('parts', images, 1, { explain: { overlay: true } });
  await predictor.close();
  const [damaged, good] = predictions;
  expect(damaged).toMatchObject({
    known: false,
    labels: [{ label: 'good' }],
    explanation: { method: 'anomaly-map', grid: [4, 4] },
  });
  expect(good).toMatchObject({ known: true, labels: [{ label: 'good' }] });
  expect(damaged?.unknownScore).toBeGreaterThan(threshold);
  expect(damaged?.labels[0]?.probability).toBeLessThan(0.5);
  expect(good?.labels[0]?.probability).toBeGreaterThan(0.5);
  const heat = damaged?.explanation?.heat ?? [];
  const corner = (heat[0]?.[0] ?? 0) + (heat[0]?.[1] ?? 0) + (heat[1]?.[0] ?? 0) + (heat[1]?.[1] ?? 0);
  expect(corner).toBeGreaterThan(0.7);
  expect(damaged?.explanation?.overlay).toBeDefined();

  const report = await readModelReport({ package: result.package }, world.store);
  expect(report).toMatchObject({ task: 'one-class', evaluated: { part: 'test', images: 8 } });
  expect(report?.summary).toContain('a one-class model of "good"');
  expect(Object.keys(report?.omitted ?? {})).toEqual(expect.arrayContaining(['roc', 'calibration', 'thresholds', 'confusion']));
  const page = await readReportPage({ package: result.package }, world.store);
  expect(page).toContain('images that it knows');

  await partsIn(folder, 'scratched', 10, true);
  await importSource(folder, world, { name: 'mixed' });
  const evaluated = await evaluate('mixed', world);
  expect(evaluated.metrics.auc).toBe(1);
  expect(evaluated.metrics.perClass).toMatchObject([
    { label: 'good', support: GOOD },
    { label: 'scratched', support: 10, recall: 1, auc: 1 },
  ]);

  const misspelt = temporaryFolder();
  await partsIn(misspelt, 'Good', 10, false);
  await partsIn(misspelt, 'scratched', 10, true);
  await importSource(misspelt, world, { name: 'misspelt' });
  await expect(evaluate('misspelt', world)).rejects.toMatchObject({
    code: 'LABELS_UNKNOWN',
    fix: 'rename Good to good if it is that class',
  });
});

test('the same job makes the same model', async () => {
  const { world } = await openWorld();
  const digestOf = async () => (await readCard(await runJob(spec, world), world.store)).modelDigest;
  expect(await digestOf()).toBe(await digestOf());
});

test('the task must fit the labels', async () => {
  const { world } = await openWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  const resolve = (more: Partial<JobSpecInput>) => resolveSpec(JobSpec.parse({ ...spec, ...more }), world.store);
  await expect(resolve({ task: 'one-class', dataset: 'trash' })).rejects.toMatchObject({ code: 'TASK_INCOMPATIBLE', at: 'task' });
  await expect(resolve({ task: 'single-label' })).rejects.toMatchObject({ code: 'TASK_INCOMPATIBLE', at: 'task' });
  await expect(resolve({ task: 'one-class' })).resolves.toMatchObject({ task: 'one-class' });
});
