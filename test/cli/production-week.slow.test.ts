import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { promote } from '../../cli/commands/aliases.ts';
import { datasetFrom } from '../../cli/commands/dataset-from.ts';
import { gate } from '../../cli/commands/gate.ts';
import { keep } from '../../cli/commands/keep.ts';
import type { Context } from '../../cli/context.ts';
import { createClient } from '../../lib/client/client.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { randomStream } from '../../lib/random.ts';
import { apiSystem } from '../support/api.ts';
import { scratchFolder } from '../support/graft.ts';
import { runJob } from '../support/run-job.ts';
import { silent } from '../support/silent.ts';

const DAY = 86_400;
const SPLIT = { train: 0.6, validation: 0.2, test: 0.2 };
const SIZE = 48;
const LABELS = ['checks', 'stripes'] as const;
type Label = (typeof LABELS)[number];
type Camera = 'first' | 'second';

/** A photograph of a pattern. Those of the second camera are darker, have a tint, and dark lines across all of them. */
function photograph(label: Label, camera: Camera, number: number): Promise<Buffer> {
  const random = randomStream(number, label, camera);
  const [angle, period] = [Math.PI * random.next(), 6 + 6 * random.next()];
  const [phase, level] = [6 * random.next(), 100 + 40 * random.next()];
  const pixels = new Uint8Array(SIZE * SIZE * 3);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
    const along = Math.sin((2 * Math.PI * (x * Math.cos(angle) + y * Math.sin(angle))) / period + phase);
    const across = Math.sin((2 * Math.PI * (y * Math.cos(angle) - x * Math.sin(angle))) / period);
    const shape = label === 'stripes' ? along : along * across;
    for (let channel = 0; channel < 3; channel++) {
      const noise = 20 * (random.next() - 0.5);
      const seen =
        camera === 'first' ? level + 90 * shape : 50 + 40 * channel + 40 * shape + 60 * Math.sin((2 * Math.PI * y) / 7);
      pixels[3 * i + channel] = Math.min(255, Math.max(0, seen + noise));
    }
  }
  return sharp(pixels, { raw: { width: SIZE, height: SIZE, channels: 3 } })
    .png()
    .toBuffer();
}

/** What the model has to predict on a day: as many of each label. */
async function photographs(camera: Camera, day: number, each = 15): Promise<{ label: Label; bytes: Buffer }[]> {
  const numbers = Array.from({ length: each }, (_, i) => 1000 * (day + 1) + i);
  return Promise.all(
    LABELS.flatMap((label) => numbers.map(async (number) => ({ label, bytes: await photograph(label, camera, number) }))),
  );
}

test('a new camera in the middle of a week is noticed, and corrected through a new version that passes the gate', async () => {
  const { api, world, keeper } = apiSystem({ openSession: (onnx) => openSession(onnx, { threads: 1 }) });
  const client = createClient(api);
  const context: Context = { client, wakeWorker: () => {}, store: world.store, locate: (key) => key, close: async () => {} };
  const folder = join(scratchFolder(), 'patterns');
  for (const label of LABELS) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = 0; i < 50; i++) writeFileSync(join(folder, label, `${i}.png`), await photograph(label, 'first', i));
  }
  const train = async () => {
    await importSource(folder, world, { name: 'patterns' });
    await world.clock.advance(60);
    return runJob(
      { name: 'patterns', dataset: 'patterns', backbone: { inputSize: 64 }, strategy: 'stage-features', split: SPLIT },
      world,
    );
  };
  const accuracy = async (ref: string, camera: Camera) => {
    const images = await photographs(camera, 99);
    const { predictions } = await client.models.predict(
      ref,
      images.map(({ bytes }, i) => ({ name: `${i}`, bytes })),
    );
    return predictions.filter(({ labels: [top] }, i) => top?.label === images[i]?.label).length / images.length;
  };

  await train();
  await promote({ ref: 'patterns@1', alias: 'prod' }, context, silent);
  const rules = '{"rules": [{"metric": "accuracy", "maxLoss": "interval"}, {"metric": "accuracy", "min": 0.9}]}';
  await gate('patterns:prod', { set: rules }, context, silent);
  expect(await accuracy('patterns:prod', 'first')).toBeGreaterThan(0.95);
  expect(await accuracy('patterns:prod', 'second')).toBeLessThan(0.8);
  await keep('patterns', { share: 1, perDay: 10_000, images: true }, context, silent);

  const truth = new Map<string, Label>();
  for (let day = 0; day < 7; day++) {
    const images = await photographs(day < 4 ? 'first' : 'second', day);
    for (const { label, bytes } of images) truth.set(bytes.toString('base64'), label);
    await client.models.predict(
      'patterns:prod',
      images.map(({ bytes }, i) => ({ name: `${i}`, bytes })),
    );
    await keeper.close();
    if (day === 3) expect(await client.models.drift('patterns:prod')).toMatchObject({ drifted: false });
    await world.clock.advance(DAY);
  }

  const drift = await client.models.drift('patterns:prod', { days: 8 });
  expect(drift).toMatchObject({ version: 1, drifted: true, kept: { predictions: truth.size } });
  expect(drift.tests.find(({ of }) => of === 'unknownScore')).toMatchObject({ changed: true });
  expect(drift.days.map(({ unknown = 0 }) => unknown > 0.5)).toEqual([false, false, false, false, true, true, true]);

  // Whoever labels the images moves each into the folder of its class.
  const labelled = join(dirname(folder), 'to-label');
  await datasetFrom('patterns:prod', { name: labelled, unknown: true, unsure: true }, context, silent);
  for (const path of readdirSync(labelled, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.png'))) {
    const label = truth.get(readFileSync(join(labelled, path)).toString('base64'));
    renameSync(join(labelled, path), join(folder, label ?? '', basename(path)));
  }
  await train();
  expect(await accuracy('patterns@2', 'first')).toBeGreaterThan(0.95);
  expect(await accuracy('patterns@2', 'second')).toBeGreaterThan(0.95);
  await promote({ ref: 'patterns@2', alias: 'prod' }, context, silent);
  const { version, history } = await client.models.getAlias('patterns', 'prod');
  expect([version, history?.at(-1)?.verdict?.passed]).toEqual([2, true]);
});
