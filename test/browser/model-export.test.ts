import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../lib/model-exports/exported-model.ts';
import { float16Weights } from '../../lib/quantization/float16-weights.ts';
import { quantizeModel } from '../../lib/quantization/quantize-model.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { serve } from '../support/browser/file-server.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { readImage } from '../support/datasets/read-image.ts';
import { fixturePath, readFixture } from '../support/fixtures.ts';
import { scratchFolder } from '../support/graft.ts';
import { convolutionalClassifier } from '../support/models/convolutional-classifier.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../support/models/exported-model.ts';
import { HOSTILE } from '../support/models/scored-model.ts';

const executablePath = findChromium();
/** A name of this machine that Chromium takes for another one. */
const INSECURE = 'models.test';
const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

/** A plain file server on loopback, which knows no type of WebAssembly. @returns its address */
async function serveFolder(folder: string): Promise<string> {
  const { url: anywhere } = await serve(({ url = '/' }, response) => {
    const name = url === '/' ? 'index.html' : url.slice(1);
    if (!existsSync(join(folder, name))) return void response.writeHead(404).end();
    response.setHeader('content-type', types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    response.end(readFileSync(join(folder, name)));
  });
  return new URL('/', anywhere).href;
}

/** @returns the address of the exported page */
async function publish(model: ExportedModel, format: 'web' | 'html', without?: string): Promise<string> {
  const folder = scratchFolder();
  const files = await exportModel(model, format);
  writeExport(
    folder,
    files.filter(({ name }) => name !== without),
  );
  return format === 'web' ? serveFolder(folder) : pathToFileURL(join(folder, 'index.html')).href;
}

/** A photograph as PNG, which all decoders decode to the same pixels. @returns its path */
async function losslessPhotograph(): Promise<string> {
  const path = join(scratchFolder(), 'photo.png');
  writeFileSync(
    path,
    await sharp(await readFixture('trash/glass/glass119.jpg'))
      .png()
      .toBuffer(),
  );
  return path;
}

describe.skipIf(executablePath === undefined).each(['web', 'html'] as const)('an export to %s, in Chromium', (format) => {
  const browser = startChromium([
    ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    `--host-resolver-rules=MAP ${INSECURE} 127.0.0.1`,
  ]);

  /** Opens a page that reaches nothing but its own origin. @returns it, with its complaints and foreign requests */
  async function open(url: string, options: Parameters<Browser['newContext']>[0] = {}, shown = 'Ready.', script = '') {
    const context: BrowserContext = await browser.newContext(options);
    onTestFinished(() => context.close());
    const heard: string[] = [];
    await context.route('**/*', async (route) => {
      if (route.request().url().startsWith(url)) return route.continue();
      heard.push(route.request().url());
      return route.abort();
    });
    if (format === 'html') await context.setOffline(true);
    const page = await context.newPage();
    await page.addInitScript(script);
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('dialog', (dialog) => heard.push(dialog.message()));
    await page.goto(url);
    await page.getByText(shown).waitFor();
    return { page, heard };
  }

  const results = async (page: Page) => {
    await page.getByText('Most probable:').waitFor();
    return (await page.evaluate(
      "[...document.querySelectorAll('#labels li')].map((item) => ({ label: item.children[0].textContent, " +
        'probability: Number(item.dataset.probability) }))',
    )) as { label: string; probability: number }[];
  };

  test.each([false, true])('predicts as Graft does, complains of nothing and asks for nothing; crops: %s', async (crops) => {
    const model = exportedModel({ crops });
    const path = await losslessPhotograph();
    const { page, heard } = await open(await publish(model, format));
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(path);
    const expected = await graftPredictions(model, readFileSync(path));
    const shown = await results(page);
    expect(largestDifference(shown, expected)).toBeLessThan(1e-4);
    expect(shown.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    expect(heard).toEqual([]);
  });

  test.each(['float32', 'float16', 'int8'] as const)('computes %s as ONNX Runtime in Node.js does', async (precision) => {
    const base = exportedModel();
    const { height, width } = base.card.input;
    const path = await losslessPhotograph();
    const onnx = convolutionalClassifier(base.card.labels.length, base.card.input);
    const made = {
      float32: async () => onnx,
      float16: async () => float16Weights(onnx),
      int8: async () => {
        const pixels = [
          await readImage(readFileSync(path), { inputSize: [height, width] }),
          new Float32Array(height * width * 3),
        ];
        const quantized = await quantizeModel(onnx, { pixels, height, width });
        expect(quantized.layers).toBeGreaterThan(0);
        return quantized.onnx;
      },
    };
    const model = { ...base, onnx: await made[precision]() };
    const { page, heard } = await open(await publish(model, format));
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(path);
    const expected = await graftPredictions(model, readFileSync(path));
    const shown = await results(page);
    expect(largestDifference(shown, expected)).toBeLessThan(1e-4);
    expect(shown.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    expect(heard).toEqual([]);
  });

  test.each([
    // On black, the first one differs by 0.15; on its side, the second one by 0.09.
    ['transparent pixels', 'odd-images/alpha.png'],
    ['a photograph on its side', 'odd-images/exif-6.jpg'],
  ])('prepares %s as Graft does', async (_, image) => {
    const model = exportedModel();
    const { page } = await open(await publish(model, format));
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(fixturePath(image));
    expect(largestDifference(await results(page), await graftPredictions(model, await readFixture(image)))).toBeLessThan(5e-3);
  });

  test('shows labels as text, also those with markup', async () => {
    const { page, heard } = await open(await publish(exportedModel({ labels: [...HOSTILE, '</script><b>x'] }), format));
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(await losslessPhotograph());
    expect((await results(page)).map(({ label }) => label).sort()).toEqual([...HOSTILE, '</script><b>x'].sort());
    expect(heard).toEqual([]);
  });

  test('marks the labels that reach their threshold, if an image can have several', async () => {
    const model = exportedModel({ task: 'multi-label' });
    const path = await losslessPhotograph();
    const { page } = await open(await publish(model, format));
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(path);
    const expected = (await graftPredictions(model, readFileSync(path))).map(({ label, given }) =>
      given ? `${label} ✓` : label,
    );
    expect(new Set(expected.map((label) => label.endsWith('✓'))).size).toBe(2);
    expect((await results(page)).map(({ label }) => label)).toEqual(expected);
  });

  test.each([
    ['known', 1e9, false],
    ['unknown', 0.5, true],
  ])('says whether an image is %s', async (_, novelty, isUnknown) => {
    const { page, heard } = await open(await publish(exportedModel({ novelty }), format));
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(await losslessPhotograph());
    expect(await results(page)).toHaveLength(3);
    expect((await page.getByRole('status').textContent())?.startsWith('Unknown:')).toBe(isUnknown);
    expect(heard).toEqual([]);
  });

  test.each(['drop', 'paste'] as const)('takes an image by %s', async (kind) => {
    const { page, heard } = await open(await publish(exportedModel(), format));
    const image = readFileSync(await losslessPhotograph()).toString('base64');
    const event =
      kind === 'drop'
        ? "new DragEvent('drop', { dataTransfer: files })"
        : "new ClipboardEvent('paste', { clipboardData: files })";
    await page.evaluate(`{
      const files = new DataTransfer();
      const bytes = Uint8Array.from(atob('${image}'), (char) => char.charCodeAt(0));
      files.items.add(new File([bytes], 'a.png', { type: 'image/png' }));
      document.dispatchEvent(${event});
    }`);
    expect(await results(page)).toHaveLength(3);
    expect(heard).toEqual([]);
  });

  test('takes a picture of the camera', async () => {
    const { page, heard } = await open(await publish(exportedModel(), format));
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByRole('button', { name: 'Take a picture' }).click();
    expect(await results(page)).toHaveLength(3);
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    expect(await page.locator('video').isVisible()).toBe(false);
    expect(heard).toEqual([]);
  });

  test.runIf(format === 'web')('says why there is no camera on a page without https, and still takes images', async () => {
    const url = (await publish(exportedModel(), format)).replace('127.0.0.1', INSECURE);
    const { page, heard } = await open(url);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByText('The camera needs a page from https, or from this machine.').waitFor();
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(await losslessPhotograph());
    expect(await results(page)).toHaveLength(3);
    expect(heard).toEqual([]);
  });

  test('says that a file is no image, and takes the next one', async () => {
    const { page } = await open(await publish(exportedModel(), format));
    const input = page.getByLabel('Choose, drop or paste an image');
    await input.setInputFiles(fixturePath('odd-images/text.jpg'));
    await page.getByText('The browser cannot read this image.').waitFor();
    await input.setInputFiles(await losslessPhotograph());
    expect(await results(page)).toHaveLength(3);
  });

  test.runIf(format === 'web')('says that a file of the folder is missing, also after an image', async () => {
    const failure = 'The model cannot be loaded: model.onnx: HTTP 404';
    const { page } = await open(await publish(exportedModel(), format, 'model.onnx'), {}, failure);
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(await losslessPhotograph());
    await page.getByText(failure).waitFor();
    expect(await page.locator('#labels li').count()).toBe(0);
  });

  test.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 375],
  ] as const)('is accessible: %s, %i pixels', async (colorScheme, width) => {
    const labels = ['oak', 'a label that is far too long for the width of any telephone, and goes on and on'];
    // The rules run inside the page, where its policy would block them.
    const url = await publish(exportedModel({ labels }), format);
    const { page } = await open(url, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    await page.getByLabel('Choose, drop or paste an image').setInputFiles(await losslessPhotograph());
    await results(page);
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  test.each([
    ['no SIMD', 'WebAssembly.validate = () => false;'],
    ['no WebAssembly', 'delete globalThis.WebAssembly;'],
  ])('says that a browser with %s is too old', async (_, script) => {
    const failure = 'The model cannot be loaded: this browser has no WebAssembly with SIMD.';
    const { page, heard } = await open(await publish(exportedModel(), format), {}, failure, script);
    expect(await page.getByRole('status').textContent()).toContain('Use one of 2023 or newer');
    expect(heard).toEqual([]);
  });

  test('has a policy that blocks scripts and requests of others', async () => {
    const { page, heard } = await open(await publish(exportedModel(), format));
    await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'alert(1)' }))");
    await expect(page.evaluate("fetch('https://example.com/')")).rejects.toThrow();
    expect(heard.join('\n')).toMatch(/script-src.*(?:connect|default)-src/s);
    expect(heard).not.toContain('1');
    expect(heard.filter((text) => text.startsWith('https:'))).toEqual([]);
  });
});
