import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';

const quick = ['--input-size', '32', '--epochs', '4', '--strategy', 'feature-extraction', '--wait'];
const photograph = join(trashPhotographs, 'metal', readdirSync(join(trashPhotographs, 'metal'))[0] ?? '');

describe('the probabilities of a model with few validation images', { timeout: 240_000 }, () => {
  const environment = { GRAFT_DATA_DIR: scratchFolder({ until: 'file' }) };
  beforeAll(async () => {
    await graft(['train', '--dataset', trashPhotographs, '--head', 'mlp', ...quick], environment);
  }, 240_000);

  test('are calibrated by cross-validation, and predict says how', async () => {
    const { calibration } = await graftJson(['predict', 'trash', photograph], environment);
    expect(calibration).toMatchObject({
      method: expect.stringMatching(/^(none|temperature)$/),
      scores: 'cross-validation',
      images: 48,
      expectedCalibrationError: { before: expect.any(Number), after: expect.any(Number) },
    });
    const { before, after } = calibration.negativeLogLikelihood;
    expect(after).toBeLessThanOrEqual(before);
  });

  test('are described by graft model, and by the card', async () => {
    const { stdout } = await graft(['model', 'trash'], environment);
    expect(stdout).toMatch(/calibration .* by cross-validation on 48 images|calibration .*none: no calibration lowered the loss/);
    const { card } = await graftJson(['model', 'trash'], environment);
    expect(card.calibration).toMatchObject({ images: 48 });
    expect(card.temperature).toBeGreaterThan(0);
  });
});

describe('a multi-label model', { timeout: 240_000 }, () => {
  const environment = { GRAFT_DATA_DIR: scratchFolder({ until: 'file' }) };
  const folder = scratchFolder({ until: 'file' });
  let trained = '';
  beforeAll(async () => {
    const classes = readdirSync(trashPhotographs).filter((name) => !name.includes('.'));
    const lines = classes.flatMap((name, of) => {
      cpSync(join(trashPhotographs, name), join(folder, name), { recursive: true });
      return readdirSync(join(folder, name)).map((file, i) => {
        const labels = [...(of < 3 ? ['one'] : ['other']), ...(i % 3 === 0 ? ['third'] : [])];
        return `${name}/${file},${labels.join('|')}`;
      });
    });
    writeFileSync(join(folder, 'manifest.csv'), `path,labels\n${lines.join('\n')}\n`);
    ({ stdout: trained } = await graft(['train', '--dataset', folder, '--name', 'several', ...quick], environment));
  }, 240_000);

  const scores = /mAP [\d.]+%, micro F1 [\d.]+%/;

  test('is summed up by mAP and F1, and not by the share of right decisions', () => {
    expect(trained).toMatch(new RegExp(`several@1 is ready: ${scores.source}, macro F1 [\\d.]+%`));
    expect(trained).not.toContain('accuracy');
  });

  test.each([['jobs'], ['models']])('is listed by %s with the same', async (command) => {
    const { stdout } = await graft([command], environment);
    expect(stdout).toMatch(scores);
    expect(stdout).not.toContain('accuracy');
  });

  test('is shown with the same, and has scales of its labels where they are calibrated', async () => {
    const { stdout } = await graft(['model', 'several'], environment);
    expect(stdout).toMatch(/mAP +[\d.]+%/);
    expect(stdout).toMatch(/micro F1 +[\d.]+%/);
    expect(stdout).not.toMatch(/accuracy +\d/);
    const { card } = await graftJson(['model', 'several'], environment);
    expect(card.thresholds).toHaveLength(3);
    for (const threshold of card.thresholds) expect(threshold).toBeLessThanOrEqual(0.5);
    expect(card.calibration.scales?.length ?? 0).toBe(card.calibration.method === 'per-label' ? 3 : 0);
  });
});
