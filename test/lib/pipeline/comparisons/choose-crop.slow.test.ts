import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JobSpecInput } from '../../../../lib/contracts/job-spec.ts';
import { planNamed } from '../../../../lib/freezing/cut-plan.ts';
import { attemptCheckpoints } from '../../../../lib/jobs/attempt-checkpoints.ts';
import { chooseCrop, withCrop } from '../../../../lib/pipeline/comparisons/choose-crop.ts';
import { trainPlan } from '../../../../lib/pipeline/train-plan.ts';
import { scratchFolder, trashPhotographs } from '../../../support/graft.ts';
import { trainingContext } from '../../../support/training-context.ts';

const spec = {
  backbone: { inputSize: 64 },
  effort: 'fast',
  split: { train: 0.9, validation: 0.1, test: 0 },
} as const satisfies Partial<JobSpecInput>;

/** Photographs between broad stripes, three times as wide as high: squeezed, they are hard to recognize. */
let between: string;
/** The same stripes between the halves of each photograph: a crop leaves the photograph out. */
let outside: string;

beforeAll(async () => {
  [between, outside] = [scratchFolder({ until: 'file' }), scratchFolder({ until: 'file' })];
  for (const label of readdirSync(trashPhotographs)) {
    for (const folder of [between, outside]) mkdirSync(join(folder, label));
    for (const name of readdirSync(join(trashPhotographs, label))) {
      const photograph = await sharp(join(trashPhotographs, label, name))
        .resize(128, 128)
        .png()
        .toBuffer();
      const half = (left: number) => sharp(photograph).extract({ left, top: 0, width: 64, height: 128 }).toBuffer();
      const file = `${name}.png`;
      await draw([{ input: photograph, left: 128, top: 0 }], join(between, label, file));
      const halves = [
        { input: await half(0), left: 0, top: 0 },
        { input: await half(64), left: 320, top: 0 },
      ];
      await draw(halves, join(outside, label, file));
    }
  }
});

async function draw(parts: OverlayOptions[], file: string): Promise<void> {
  const stripes = { create: { width: 384, height: 128, channels: 3, background: '#777' } } as const;
  await sharp(stripes).composite(parts).png().toFile(file);
}

describe('a job whose spec leaves the crop open', () => {
  test('crops images that lose nothing by it, and says by how much that lowers the loss', async () => {
    const context = await chooseCrop(await trainingContext(spec, between));
    expect(context.crop?.gain).toBeGreaterThan(2 * (context.crop?.standardError ?? 0));
    expect(context.job.spec.backbone.cropToAspectRatio).toBe(true);
    const strategy = withCrop({ name: 'stage-features', cut: 'stages', reason: 'Fast.', evidence: { classes: 6 } }, context.crop);
    expect(strategy.reason).toMatch(/^Fast\. Images are cropped to the input's aspect ratio, not squeezed: .* by \d\.\d{3}, /);
    expect(strategy.evidence).toEqual({
      classes: 6,
      cropGain: expect.closeTo(context.crop?.gain ?? 0, 3),
      cropGainError: expect.closeTo(context.crop?.standardError ?? 0, 3),
    });
  });

  test('squeezes images whose middle shows nothing', async () => {
    const { crop, job } = await chooseCrop(await trainingContext(spec, outside));
    expect(crop?.gain).toBeLessThan(0);
    expect(job.spec.backbone.cropToAspectRatio).toBe(false);
  });

  test('keeps its choice in another attempt, and reads no image again', async () => {
    const context = await trainingContext(spec, between);
    const first = await chooseCrop(context);
    const { decoded } = context.work.total().features;
    const again = await chooseCrop({ ...context, job: { ...context.job, attempt: 2 } });
    expect(again.job.spec).toEqual(first.job.spec);
    expect(again.crop).toEqual(first.crop);
    expect(context.work.total().features.decoded).toBe(decoded);
  });

  test('counts every image that it decodes, and none as cached that it decoded itself', async () => {
    const tried = { ...spec, effort: 'best', training: { epochs: 2 }, fineTuning: { epochs: 1 } } as const;
    const context = await chooseCrop(await trainingContext(tried, between));
    const { backbone } = context.job.spec;
    const chosen = { chosenBy: 'auto', comparesStages: true, reason: 'Chosen.', evidence: {} } as const;
    const trained = await trainPlan({ ...planNamed('fine-tune-top', backbone), ...chosen }, context);
    await trained.close();
    const { dataset, split, work } = context;
    // Training images squeezed, then all images cropped: at all stages, and at the cut of the fine-tuning.
    const decoded = split.train.length + 2 * dataset.rows.length;
    expect(work.total().features).toMatchObject({ cached: 0, decoded });
  });

  test('goes on squeezing what an earlier attempt has trained without a choice', async () => {
    const { job, ...rest } = await trainingContext(spec, between);
    const context = { ...rest, job: { ...job, attempt: 2 } };
    await attemptCheckpoints(job, 'head', context.world.store).save(new Uint8Array(1));
    expect(await chooseCrop(context)).toBe(context);
  });

  test('compares nothing where the images have the aspect ratio of the input', async () => {
    const context = await trainingContext(spec);
    expect(await chooseCrop(context)).toBe(context);
  });

  test('compares nothing where all images belong together, which show nothing about chance', async () => {
    const { dataset, ...rest } = await trainingContext(spec, between);
    const context = { ...rest, dataset: { ...dataset, rows: dataset.rows.map((row) => ({ ...row, group: 'one' })) } };
    expect(await chooseCrop(context)).toBe(context);
  });

  test.each([
    { why: 'the spec says so', wanted: { ...spec, backbone: { inputSize: 64, cropToAspectRatio: false } } },
    { why: 'it names a strategy', wanted: { ...spec, effort: 'auto', strategy: 'feature-extraction' } },
    { why: 'it names a freeze', wanted: { ...spec, effort: 'auto', freeze: 'all' } },
    { why: 'too few images would show a gain', wanted: { ...spec, split: { train: 0.5, validation: 0.3, test: 0.2 } } },
  ] as const)('compares nothing if $why', async ({ wanted }) => {
    const context = await trainingContext(wanted, between);
    expect(await chooseCrop(context)).toBe(context);
  });

  test('compares nothing after functions have computed the features', async () => {
    const { job, ...rest } = await trainingContext(spec, between);
    const estimate = { target: 'gpu', seconds: 900, parts: [], reason: '', machines: 4 } as const;
    const context = { ...rest, job: { ...job, estimate: { ...estimate, parts: [] } } };
    expect(await chooseCrop(context)).toBe(context);
  });
});
