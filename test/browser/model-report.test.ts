import { describe, expect, test } from 'vitest';
import { setAlias } from '../../lib/models/aliases.ts';
import { readReportPage } from '../../lib/models/report-files.ts';
import { makeReport } from '../../lib/reports/make-report.ts';
import type { SizeScores } from '../../lib/reports/measure/scored-images.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { openReportPage, seriousViolations } from '../support/browser/report-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { HOSTILE, publishScored } from '../support/models/scored-model.ts';
import { testWorld } from '../support/world.ts';

const executablePath = findChromium();
const labels = [...HOSTILE, 'oak', 'a label that is far too long for the axis of any figure of the page'];
const sizes: SizeScores = {
  metric: 'accuracy',
  evaluated: 100,
  available: 128,
  points: [32, 64, 128].map((images, i) => ({ images, scores: [0.6 + i / 10, 0.65 + i / 10] })),
};

/** The pages of two versions, of which the second one has every part of a report. */
async function pagesOf(task: 'single-label' | 'multi-label'): Promise<string> {
  const world = testWorld();
  await publishScored(world, { task, labels, seed: 1, number: 1 });
  const version = await publishScored(world, { task, labels, seed: 2, number: 2, facts: { sizes } });
  await setAlias({ name: 'scored', alias: 'prod', version: 1, at: world.clock.now() }, world.store);
  await makeReport('scored', 2, world.store);
  return readReportPage(version, world.store);
}

describe.skipIf(executablePath === undefined)('the page of a report, in Chromium', () => {
  const browser = startChromium();

  test('has checks that find an image without a text alternative, and a request', async () => {
    const { page, heard } = await openReportPage(browser, '<!doctype html><title>x</title><img src="/x.png">', {
      width: 600,
      colorScheme: 'light',
    });
    expect(await seriousViolations(page)).toContainEqual(expect.stringMatching(/^image-alt: /));
    expect(heard).toContain('http://graft.test/x.png');
  });

  describe.each(['single-label', 'multi-label'] as const)('%s', (task) => {
    test.each([
      ['light', 1200],
      ['dark', 1200],
      ['light', 375],
    ] as const)('asks for nothing, complains of nothing and is accessible: %s, %i pixels', async (colorScheme, width) => {
      const { page, heard } = await openReportPage(browser, await pagesOf(task), { width, colorScheme });
      expect(await seriousViolations(page)).toEqual([]);
      expect(heard).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.evaluate("document.querySelectorAll('script').length")).toBe(0);
      expect(await page.evaluate('[...document.images].every((image) => image.naturalWidth > 0)')).toBe(true);
    });

    test('gives each figure a name, a description and its numbers as a table', async () => {
      const { page } = await openReportPage(browser, await pagesOf(task), { width: 1200, colorScheme: 'light' });
      const figures = page.locator('figure');
      const count = await figures.count();
      expect(count).toBeGreaterThan(9);
      expect(await page.getByRole('img').and(page.locator('svg')).count()).toBe(count);
      for (let i = 0; i < count; i++) {
        const figure = figures.nth(i);
        const snapshot = await figure.ariaSnapshot();
        const title = (await figure.locator('h3').textContent()) ?? '';
        expect(title).not.toBe('');
        expect(snapshot).toContain('img');
        expect((await figure.locator('figcaption').textContent())?.length).toBeGreaterThan(20);
        expect(await figure.locator('svg').getAttribute('aria-describedby')).toBe(
          await figure.locator('figcaption').getAttribute('id'),
        );
        expect(await figure.locator('details tbody tr').count()).toBeGreaterThan(0);
        // Something is drawn.
        expect(await figure.locator('svg :is(path, rect, circle, line)').count()).toBeGreaterThan(2);
      }
    });
  });
});
