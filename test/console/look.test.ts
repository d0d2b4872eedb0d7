import type { BrowserContext } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { deleteDataset } from '../../lib/datasets/versions/delete-dataset.ts';
import type { LocalWorld } from '../../lib/local/embedded-world.ts';
import { makeReport } from '../../lib/reports/make-report.ts';
import { picture } from '../support/api.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { expectAccessible, expectPhoneWidth, openConsolePage } from '../support/browser/console-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { HOSTILE, publishScored } from '../support/models/scored-model.ts';

const MARKUP = HOSTILE[1] ?? '';
const labels = ['apple', 'birch', MARKUP];

/**
 * Version 1 takes the first two apples for the third class; version 2 only the first, and one birch for an apple. Images
 * without a label stand between those of the third class and the apples.
 */
async function twoVersions(world: LocalWorld): Promise<void> {
  await publishScored(world, {
    labels,
    waiting: 2,
    number: 1,
    predict: ({ label, place }) => (label === 'apple' && place < 2 ? MARKUP : label),
  });
  await publishScored(world, {
    labels,
    waiting: 2,
    number: 2,
    predict: ({ label, place }) => (label === 'apple' && place < 1 ? MARKUP : label === 'birch' && place < 1 ? 'apple' : label),
  });
  for (const version of [1, 2]) await makeReport('scored', version, world.store);
}

/** Explains, because the package of these tests has no network, and the report says that. @returns the bodies of the requests */
async function explain(context: BrowserContext): Promise<{ readonly url: string; readonly keep: boolean }[]> {
  const asked: { url: string; keep: boolean }[] = [];
  await context.route(
    (url) => url.pathname.endsWith('/report'),
    async (route) => {
      const { evidenceOmitted: _, ...report } = await (await route.fetch()).json();
      return route.fulfill({ json: report });
    },
  );
  const overlay = Buffer.from(await picture()).toString('base64');
  await context.route(
    (url) => url.pathname.endsWith('/predict'),
    (route) => {
      const { keep, explainLabel: label } = route.request().postDataJSON();
      asked.push({ url: decodeURIComponent(new URL(route.request().url()).pathname), keep });
      const explanation = { label, method: 'class-activation', grid: [1, 1], heat: [[1]], overlay };
      const prediction = { image: 'image', labels: [{ label, probability: 0.9 }], abstained: false, explanation };
      return route.fulfill({ json: { model: 'scored', version: 1, predictions: [prediction] } });
    },
  );
  return asked;
}

describe.skipIf(findChromium() === undefined)('the report in the console, in Chromium', () => {
  const browser = startChromium();

  test('a cell of the confusion matrix opens its pictures, and each its evidence; reload and Back keep what is shown', async () => {
    const { page, context, address, heard } = await openConsolePage(browser, { prepare: twoVersions });
    const asked = await explain(context);
    await page.goto(`${address}/#/models/scored`);
    await page.getByRole('region', { name: 'Versions' }).getByRole('link', { name: 'Look' }).nth(1).click();
    await page.getByRole('heading', { level: 1, name: 'Look at scored@1' }).waitFor();
    const errors = page.getByRole('region', { name: 'Images to look at' });
    await errors
      .getByRole('img', { name: /^Evidence in apple\// })
      .nth(1)
      .waitFor();
    expect(asked).toEqual(Array.from({ length: 2 }, () => ({ url: '/v1/models/scored@1/predict', keep: false })));
    await expectAccessible(page);
    await expectPhoneWidth(page);

    await page.getByRole('link', { name: `2 images of apple predicted as ${MARKUP}` }).click();
    const cell = page.getByRole('region', { name: `apple, predicted as ${MARKUP}` });
    const pictures = cell.getByRole('link', { name: /^apple\/.*, apple / });
    await expect.poll(() => pictures.count()).toBe(2);
    await page.reload();
    await expect.poll(() => pictures.count()).toBe(2);
    const name = (await pictures.first().locator('canvas').getAttribute('title')) ?? '';
    await pictures.first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('img', { name: /^Evidence in apple\// }).waitFor();
    await expectAccessible(page);
    await page.reload();
    await dialog.getByText('apple', { exact: true }).first().waitFor();
    await dialog.getByLabel(/^Show the evidence for/).uncheck();
    await dialog.getByRole('img', { name, exact: true }).waitFor();
    await dialog.getByText('1 of 2', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Next picture' }).click();
    await dialog.getByText('2 of 2', { exact: true }).waitFor();
    const second = (await pictures.last().locator('canvas').getAttribute('title')) ?? '';
    await dialog.getByRole('img', { name: second, exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Next picture' }).isDisabled()).toBe(true);
    await page.keyboard.press('ArrowLeft');
    await dialog.getByRole('img', { name, exact: true }).waitFor();
    await page.goBack();
    await expect.poll(() => dialog.count()).toBe(0);
    await expect.poll(() => pictures.count()).toBe(2);
    await page.keyboard.press('Tab');
    await pictures.first().click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    await expect.poll(() => page.url()).not.toContain('image=');

    await page.getByRole('link', { name: 'Numbers' }).click();
    await page.getByRole('region', { name: 'Classes' }).getByText('8', { exact: true }).first().waitFor();
    await page.getByRole('img', { name: /^Confidence, after/ }).waitFor();
    await expectAccessible(page);
    await expectPhoneWidth(page);
    expect(heard).toEqual([]);
  });

  test('a threshold shows what it changes, and the pictures that cross it', async () => {
    const { page, context, address, heard } = await openConsolePage(browser, { prepare: twoVersions });
    await explain(context);
    await page.goto(`${address}/#/models/scored/look?version=1`);
    const panel = page.getByRole('region', { name: 'Threshold', exact: true });
    await panel.getByText('24 100.0% of the images').waitFor();
    const slider = panel.getByLabel('Threshold of the probability');
    await slider.focus();
    await slider.press('End');
    await panel.getByText('0 0.0% of the images').waitFor();
    const crossing = panel.getByRole('region', { name: 'Below 100%: without a prediction' });
    await expect.poll(() => crossing.getByRole('link').count()).toBe(24);
    await page.reload();
    await expect.poll(() => crossing.getByRole('link').count()).toBe(24);
    await slider.press('Home');
    await panel.getByText('24 100.0% of the images').waitFor();
    await expect.poll(() => crossing.count()).toBe(0);
    expect(heard).toEqual([]);
  });

  test('a column without predictions says so, and what is cut says how much is left out', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `class ${`${i}`.padStart(2, '0')}`);
    const { page, address } = await openConsolePage(browser, {
      prepare: async (world) => {
        const predict = ({ label }: { readonly label: string }) => (label === 'class 01' ? 'class 00' : label);
        await publishScored(world, { labels: many, perClass: 2, predict, facts: { of: 20_000 } });
        await makeReport('scored', 1, world.store);
      },
    });
    await page.goto(`${address}/#/models/scored/look?version=1&predicted=class+01`);
    await page.getByRole('region', { name: 'Confusion matrix' }).getByText('None of the evaluated images.').waitFor();
    await page.getByText('80 of 20,000', { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Numbers' }).click();
    await page.getByRole('region', { name: 'Data', exact: true }).getByText('and 10 more').waitFor();
    await page.goto(`${address}/#/models/scored`);
    await page.getByRole('region', { name: 'scored@1 in detail' }).getByText('and 10 more').waitFor();
  });

  test('two versions show the pictures of changed predictions only, with the evidence of both', async () => {
    const { page, context, address, heard } = await openConsolePage(browser, { prepare: twoVersions });
    const asked = await explain(context);
    await page.goto(`${address}/#/models/scored/compare?before=1&after=2`);
    const changes = page.getByRole('region', { name: 'Changed predictions' });
    await changes.getByRole('link', { name: 'All 2' }).waitFor();
    await expect.poll(() => changes.locator('a.evaluated').count()).toBe(2);
    await changes.getByRole('link', { name: 'Became wrong 1' }).click();
    const lost = changes.getByRole('link', { name: /^birch\/.*, birch birch\s*→?\s*apple/ });
    await lost.waitFor();
    await expect.poll(() => changes.locator('a.evaluated').count()).toBe(1);
    await expectAccessible(page);
    await expectPhoneWidth(page);
    await page.reload();
    await lost.click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByRole('img', { name: /^Evidence in birch\// }).count()).toBe(2);
    expect(asked.map(({ url }) => url).sort()).toEqual(['/v1/models/scored@1/predict', '/v1/models/scored@2/predict']);
    await expectAccessible(page);
    expect(heard).toEqual([]);
  });

  test('without its data set, a report keeps its numbers and says why it has no pictures', async () => {
    const { page, address } = await openConsolePage(browser, {
      prepare: async (world) => {
        await twoVersions(world);
        await deleteDataset('scored', world);
      },
    });
    await page.goto(`${address}/#/models/scored/look?version=1&label=apple&predicted=%3Cb%3E&threshold=4x&image=-1`);
    await page.getByText('DATASET_NOT_FOUND').first().waitFor();
    await page.getByRole('link', { name: 'Numbers' }).click();
    await page.getByRole('region', { name: 'Classes' }).waitFor();
  });
});
