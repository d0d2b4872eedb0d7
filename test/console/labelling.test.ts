import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { findChromium } from '../support/browser/chromium.ts';
import { expectAccessible, expectPhoneWidth, openConsolePage } from '../support/browser/console-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { root } from '../support/docs/pages.ts';

const photograph = readFileSync(join(root, 'assets/sample-trashnet-unseen/metal.jpg'));
const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
/** Images that the page asks about, and those that get suggestions. */
const [ASKED, SUGGESTED] = [2, 12];
const ofData = (url: URL) => /^\/v1\/(datasets\/bins|downloads\/small)/.test(url.pathname);

const digestOf = (version: number) => `sha256-${`${version}`.padStart(64, '0')}`;
const imageOf = (row: number, label?: string) => ({
  path: `pool/${row}.jpg`,
  labels: label === undefined ? [] : [label],
  ...(label === undefined && { unlabelled: true }),
  sha256: row.toString(16).padStart(64, '0'),
  width: 8,
  height: 8,
  request: { method: 'GET', url: '/v1/downloads/small', headers: {} },
});
const elements = (page: Page) => page.evaluate('document.querySelectorAll("*").length');

/** A data set with these classes. @returns the labels that the page has set */
async function serveClasses(context: BrowserContext, labels: readonly string[]): Promise<unknown[]> {
  const set: unknown[] = [];
  let version = 0;
  const classes = labels.map((label) => ({ label, images: 5 }));
  await context.route(ofData, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith('/v1/downloads/')) return route.fulfill({ body: photograph, contentType: 'image/jpeg' });
    const counts = { labelled: 5 * labels.length, unlabelled: ASKED + SUGGESTED };
    if (pathname.endsWith('/labels')) {
      const given = route.request().postDataJSON().labels;
      set.push(...given);
      version++;
      const changed = { dataset: 'bins', digest: digestOf(version), changed: given.length, ...counts, classes };
      return route.fulfill({ json: changed });
    }
    const digest = digestOf(version);
    const ready = { dataset: 'bins', digest, state: 'ready', expiresAt };
    if (pathname.endsWith('/suggestions')) {
      const next = Array.from({ length: ASKED }, (_, row) => ({ ...imageOf(row), reason: 'informative' }));
      const suggestions = Array.from({ length: SUGGESTED }, (_, row) => ({
        ...imageOf(ASKED + row),
        suggested: labels[0],
        confidence: 0.9,
      }));
      return route.fulfill({ json: { ...ready, ...counts, classes, suggestions, next } });
    }
    if (pathname.endsWith('/similar')) {
      const similar = Array.from({ length: 20 }, (_, row) => ({ ...imageOf(row + 1), similarity: 0.9 }));
      return route.fulfill({ json: { ...ready, image: imageOf(0), similar } });
    }
    if (pathname.endsWith('/map')) {
      const places = labels.map((_, number) => number / labels.length);
      const map = {
        dataset: 'bins',
        digest,
        state: 'ready',
        classes,
        x: places,
        y: places,
        labels: labels.map((_, number) => number),
      };
      return route.fulfill({ json: map });
    }
    const sizes = { smallest: 8, median: 8, largest: 8 };
    const images = { accepted: counts.labelled, refused: [], duplicates: [], sizes: { width: sizes, height: sizes } };
    await route.fulfill({ json: { dataset: 'bins', digest, task: 'single-label', classes, ...images, warnings: [] } });
  });
  return set;
}

/** Pairs of pictures: the server returns the first two of those whose labels differ. */
async function servePairs(context: BrowserContext, count: number): Promise<void> {
  const labels = new Map(Array.from({ length: 2 * count }, (_, row) => [imageOf(row).path, row % 2 === 0 ? 'rose' : 'tulip']));
  let version = 0;
  await context.route(ofData, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith('/v1/downloads/')) return route.fulfill({ body: photograph, contentType: 'image/jpeg' });
    const classes = ['rose', 'tulip'].map((label) => ({ label, images: count }));
    if (pathname.endsWith('/labels/read')) {
      const paths: string[] = route.request().postDataJSON().images;
      const images = paths.map((path) => ({ path, labels: [labels.get(path)] }));
      return route.fulfill({ json: { dataset: 'bins', digest: digestOf(version), images } });
    }
    if (pathname.endsWith('/labels')) {
      const given: { image: string; labels: [string] }[] = route.request().postDataJSON().labels;
      for (const { image, labels: own } of given) labels.set(image, own[0]);
      version++;
      const counts = { changed: given.length, labelled: 2 * count, unlabelled: 0 };
      return route.fulfill({ json: { dataset: 'bins', digest: digestOf(version), ...counts, classes } });
    }
    const digest = digestOf(version);
    if (!pathname.endsWith('/pairs')) {
      const sizes = { smallest: 8, median: 8, largest: 8 };
      const images = { accepted: 2 * count, refused: [], duplicates: [], sizes: { width: sizes, height: sizes } };
      return route.fulfill({ json: { dataset: 'bins', digest, task: 'single-label', classes, ...images, warnings: [] } });
    }
    const described = [...labels].map(([, label], row) => imageOf(row, label));
    const pairs = Array.from({ length: count }, (_, number) => {
      const [left, right] = described.slice(2 * number, 2 * number + 2);
      return { kind: 'identical', left, right };
    }).filter(({ left, right }) => left?.labels[0] !== right?.labels[0]);
    await route.fulfill({
      json: { dataset: 'bins', digest, state: 'ready', pairs: pairs.slice(0, 2), total: pairs.length, expiresAt },
    });
  });
}

describe.skipIf(findChromium() === undefined)('labelling in the console, in Chromium', () => {
  const browser = startChromium();

  test('the name of a class that exists labels the image, and another name becomes a class', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    const set = await serveClasses(context, ['rose', 'tulip']);
    await page.goto(`${address}/#/datasets/bins/label`);
    const field = page.getByLabel('New class');
    await field.fill('iris');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: '3 iris' }).waitFor();
    await page.getByRole('button', { name: 'Remove iris' }).waitFor();
    await field.fill(' tulip ');
    await page.getByRole('button', { name: 'Label', exact: true }).click();
    await expect.poll(() => field.inputValue()).toBe('');
    // The field has no focus any more.
    await page.keyboard.press('3');
    await expect
      .poll(() => set)
      .toEqual([
        { image: 'pool/0.jpg', labels: ['tulip'] },
        { image: 'pool/1.jpg', labels: ['iris'] },
      ]);
    expect(heard).toEqual([]);
  });

  test('of 1,000 classes, nine have a key and a button, and a field finds the others', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    const labels = Array.from({ length: 1000 }, (_, number) => `class ${number}`);
    const set = await serveClasses(context, labels);
    await page.goto(`${address}/#/datasets/bins/label`);
    const ask = page.getByRole('region', { name: 'Which class is this?' });
    const suggestions = page.getByRole('region', { name: 'Suggestions' });
    await suggestions.getByText('90%').nth(11).waitFor();
    expect(await ask.locator('.label-buttons li').count()).toBe(9);
    expect(await elements(page)).toBeLessThan(2_000);
    await expectAccessible(page);
    await expectPhoneWidth(page);

    const accept = (labels: number) => suggestions.getByRole('button', { name: `Accept ${labels} labels` });
    const suggested = suggestions.getByLabel('Label of pool/5.jpg');
    await suggested.fill('class 70x');
    await suggestions.getByText('No such class').waitFor();
    await accept(11).waitFor();
    await expectAccessible(page);
    await suggested.fill('class 700');
    await suggestions.getByText('No such class').waitFor({ state: 'detached' });
    await suggestions.getByLabel('Label of pool/6.jpg').fill('');
    await accept(11).click();
    const given = { labels: ['class 0'], source: 'suggestion' };
    await expect.poll(() => set).toContainEqual({ image: 'pool/5.jpg', labels: ['class 700'], source: 'person' });
    expect(set).toHaveLength(11);
    expect(set).toContainEqual({ image: 'pool/4.jpg', ...given });

    const field = ask.getByLabel('Class', { exact: true });
    await field.fill('class 999');
    expect(await ask.locator('datalist option').count()).toBe(1);
    await field.press('Enter');
    await page.locator('.large-image img[alt="pool/1.jpg"]').waitFor();
    await page.keyboard.type('iris');
    await page.keyboard.press('Enter');
    await ask.getByRole('button', { name: 'Remove iris' }).waitFor();
    expect(await elements(page)).toBeLessThan(2_000);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => set.slice(11))
      .toEqual([
        { image: 'pool/0.jpg', labels: ['class 999'] },
        { image: 'pool/1.jpg', labels: ['iris'] },
      ]);
    expect(heard).toEqual([]);
  });

  test('of 1,000 classes, "Find" has nine buttons and a field', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    const set = await serveClasses(
      context,
      Array.from({ length: 1000 }, (_, number) => `class ${number}`),
    );
    await page.goto(`${address}/#/datasets/bins/find?view=similar&image=pool%2F0.jpg`);
    const bar = page.getByRole('form', { name: 'Label of the chosen images' });
    await bar.waitFor();
    expect(await bar.locator('kbd').allInnerTexts()).toEqual([...'123456789', 'Z']);
    expect(await elements(page)).toBeLessThan(2_000);
    await expectAccessible(page);
    await expectPhoneWidth(page);
    await page.getByRole('button', { name: 'pool/3.jpg, no label' }).click();
    await bar.getByLabel('Class').fill('class 70');
    expect(await bar.locator('datalist option').count()).toBe(11);
    await bar.getByLabel('Class').fill('class 700');
    await bar.getByLabel('Class').press('Enter');
    await expect.poll(() => set).toEqual([{ image: 'pool/3.jpg', labels: ['class 700'] }]);
    await page.getByRole('link', { name: 'Map', exact: true }).click();
    const all = page.getByRole('button', { name: 'Show all 1,000' });
    await all.waitFor();
    expect(await elements(page)).toBeLessThan(2_000);
    await all.click();
    await page.getByRole('button', { name: 'class 999 5' }).waitFor();
    expect(heard).toEqual([]);
  });

  test('doubtful labels come part by part, until all are answered or skipped', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    await servePairs(context, 5);
    await page.goto(`${address}/#/datasets/bins/find?view=pairs`);
    const at = (place: string) => page.getByRole('status').getByText(place, { exact: true }).waitFor();
    const press = async (key: string, place: string) => {
      await page.keyboard.press(key);
      await at(place);
    };
    await at('1 of 5');
    await press('ArrowLeft', '2 of 5');
    await press('ArrowLeft', '3 of 5');
    await page.locator('.pair img[alt="pool/4.jpg"]').waitFor();
    // Also an answer of the part before is taken back.
    await press('z', '2 of 5');
    await page.locator('.pair img[alt="pool/2.jpg"]').waitFor();
    await press('ArrowLeft', '3 of 5');
    await press('ArrowDown', '4 of 5');
    await press('ArrowLeft', '5 of 5');
    await page.keyboard.press('ArrowLeft');
    await page.getByText('Skipped: 1 pair').waitFor();
    await page.getByText('All others are answered.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Look again' }).click();
    await at('1 of 1');
    await page.keyboard.press('ArrowLeft');
    await page.getByText('All pairs are answered').waitFor();
    expect(heard).toEqual([]);
  });

  test('doubtful labels behind skipped ones are counted, and follow once some of these are answered', async () => {
    const { page, context, address } = await openConsolePage(browser);
    await servePairs(context, 5);
    await page.goto(`${address}/#/datasets/bins/find?view=pairs`);
    await page.getByText('1 of 5').waitFor();
    for (let skipped = 0; skipped < 2; skipped++) await page.keyboard.press('ArrowDown');
    await page.getByText('Skipped: 2 pairs').waitFor();
    await page.getByText('3 more follow once some of these are answered.').waitFor();
    await page.keyboard.press('z');
    await page.getByText('2 of 5').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('3 of 5').waitFor();
  });
});
