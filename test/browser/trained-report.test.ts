/** Reports of trained models in Chromium: of the bundled photographs, and of the data sets in GRAFT_DATA, if it is set. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../support/browser/chromium.ts';
import { openReportPage, seriousViolations } from '../support/browser/report-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { graft, scratchFolder } from '../support/graft.ts';

/** GRAFT_SCREENSHOTS: a folder for a picture of each page. */
const { GRAFT_DATA: data, GRAFT_SCREENSHOTS: screenshots } = process.env;

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
const SETS: readonly (readonly [name: string, folder: string])[] = [
  ['sample-trashnet', sample],
  ...(data === undefined ? [] : ['ants-bees', 'scenes-multilabel', 'sign-digits'].map((set) => [set, join(data, set)] as const)),
];
/** Small, so that the tests train for seconds. */
const INPUT_SIZE = '96';

describe.skipIf(findChromium() === undefined)('the report of a trained model, in Chromium', () => {
  const browser = startChromium();

  describe.each(SETS)('%s', (name, folder) => {
    let html: string;
    let trained: string;
    beforeAll(async () => {
      const directory = scratchFolder({ until: 'file' });
      const environment = { GRAFT_DATA_DIR: join(directory, 'data') };
      const file = join(directory, 'report.html');
      const training = ['train', '--dataset', folder, '--name', name, '--fast', '--input-size', INPUT_SIZE, '--wait'];
      const run = async (args: readonly string[]) => {
        const { status, stdout, stderr } = await graft(args, environment);
        expect(status, stderr).toBe(0);
        return stdout;
      };
      trained = await run(training);
      await run(['model', name, '--html', file]);
      html = await readFile(file, 'utf8');
    }, 300_000);

    test.each([
      ['light', 1200],
      ['dark', 1200],
      ['light', 375],
      ['dark', 375],
    ] as const)('asks for nothing, complains of nothing and is accessible: %s, %i pixels', async (colorScheme, width) => {
      const { page, heard } = await openReportPage(browser, html, { width, colorScheme });
      expect(await seriousViolations(page)).toEqual([]);
      expect(heard).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (screenshots !== undefined)
        await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    });

    test('is where the training says', async () => {
      const [, path = ''] = /^Its report, for a browser: (.+)$/m.exec(trained) ?? [];
      expect(await readFile(path, 'utf8')).toBe(html);
    });

    test('shows its errors as photographs, and where the model found evidence for them', async () => {
      const { page } = await openReportPage(browser, html, { width: 1200, colorScheme: 'light' });
      expect(await page.evaluate('[...document.images].every((image) => image.naturalWidth > 0)')).toBe(true);
      expect(await page.locator('.card img:not(.evidence)').count()).toBeGreaterThan(12);
      expect(await page.locator('.card img.evidence').count()).toBeGreaterThan(6);
      for (const figure of await page.locator('figure').all()) {
        expect((await figure.locator('figcaption').textContent())?.length).toBeGreaterThan(20);
        expect(await figure.locator('details tbody tr').count()).toBeGreaterThan(0);
      }
    });

    test('names each number of training images on the axis of its growth', async () => {
      const { page } = await openReportPage(browser, html, { width: 1200, colorScheme: 'light' });
      const figure = page.locator('figure', { hasText: 'Would more images help?' });
      const images = await figure.locator('tbody th').allTextContents();
      expect(images.length).toBeGreaterThan(3);
      expect(await figure.locator('svg text').allTextContents()).toEqual(expect.arrayContaining(images));
    });

    test('keeps the colours of its legends on paper', async () => {
      const { page } = await openReportPage(browser, html, { width: 800, colorScheme: 'light' });
      await page.emulateMedia({ media: 'print' });
      expect(await page.evaluate("getComputedStyle(document.querySelector('.legend i')).printColorAdjust")).toBe('exact');
      if (screenshots !== undefined) await page.pdf({ path: join(screenshots, `${name}.pdf`), format: 'A4' });
    });
  });
});
