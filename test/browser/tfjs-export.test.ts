import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import { findChromium, launchChromium } from '../support/browser/chromium.ts';
import { serve } from '../support/browser/file-server.ts';
import { TFJS } from '../support/browser/predict-with-tfjs.ts';
import { root } from '../support/docs/pages.ts';
import { readFixture } from '../support/fixtures.ts';
import { scratchFolder } from '../support/graft.ts';
import { exportedModel, graftPredictions, largestDifference } from '../support/models/exported-model.ts';

/** Predicts the image of the page, as the README of the export does. */
const PREDICT = `import { openModel } from './predict.mjs';

const image = document.querySelector('img');
await image.decode();
const predict = await openModel('model.json', await (await fetch('card.json')).json());
globalThis.predicted = await predict(image);
`;

describe.skipIf(findChromium() === undefined)('an export for TF.js, in Chromium', () => {
  test.each([
    ['smaller than the photograph', 'trash/glass/glass119.jpg', 'width="60"', 1e-4],
    ['narrower than the input', 'trash/glass/glass119.jpg', 'style="width: 9px; height: 40px"', 1e-4],
    // A canvas rounds the colours of transparent pixels.
    ['with transparent pixels', 'odd-images/alpha.png', 'width="5"', 5e-3],
  ])('predicts an <img> as Graft does: %s', async (_, fixture, layout, tolerance) => {
    const folder = scratchFolder();
    const model = exportedModel();
    const photo = await sharp(await readFixture(fixture))
      .png()
      .toBuffer();
    const page = `<!doctype html><link rel="icon" href="data:,"><img src="photo.png" ${layout}><script type="module" src="run.js"></script>`;
    const added = { 'photo.png': photo, 'index.html': page, 'run.mjs': PREDICT, 'tfjs.mjs': TFJS };
    for (const { name, content } of await exportModel(model, 'tfjs')) writeFileSync(join(folder, name), content);
    for (const [name, content] of Object.entries(added)) writeFileSync(join(folder, name), content);
    await build({
      entryPoints: [join(folder, 'run.mjs')],
      outfile: join(folder, 'run.js'),
      bundle: true,
      format: 'esm',
      alias: { '@tensorflow/tfjs': join(folder, 'tfjs.mjs') },
      nodePaths: [join(root, 'node_modules')],
      logLevel: 'silent',
    });
    const { url } = await serve(({ url: path = '/' }, response) => {
      response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : path === '/' ? 'text/html' : '');
      response.end(readFileSync(join(folder, path === '/' ? 'index.html' : path.slice(1))));
    });
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const tab = await browser.newPage();
    await tab.goto(new URL('/', url).href);
    await tab.waitForFunction('globalThis.predicted !== undefined');
    const predicted = (await tab.evaluate('globalThis.predicted')) as { label: string; probability: number }[];
    expect(largestDifference(predicted, await graftPredictions(model, photo))).toBeLessThan(tolerance);
  });
});
