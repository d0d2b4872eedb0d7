import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { findChromium, followRequests } from '../support/browser/chromium.ts';
import { expectAccessible, expectPhoneWidth, openConsolePage } from '../support/browser/console-page.ts';
import { dropOnPage } from '../support/browser/drop-on-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { root } from '../support/docs/pages.ts';
import { scratchFolder } from '../support/graft.ts';

const photographs = join(root, 'assets/sample-trashnet');
const unseen = join(root, 'assets/sample-trashnet-unseen/metal.jpg');
/** Two kinds of rubbish, each of two materials. */
const KINDS = { container: ['glass', 'metal'], paper: ['cardboard', 'paper'] } as const;
type Kind = keyof typeof KINDS;
const KEYS: Readonly<Record<Kind, string>> = { container: '1', paper: '2' };
/** Labels after which a loop would not be one that saves labels. */
const MOST_LABELS = 150;

/** A folder of 200 photographs without labels. */
function folderOfPhotographs(): string {
  const folder = join(scratchFolder(), 'photos');
  mkdirSync(folder);
  for (const material of Object.values(KINDS).flat())
    for (const name of readdirSync(join(photographs, material)).slice(0, 50))
      copyFileSync(join(photographs, material, name), join(folder, name));
  return folder;
}

function truthOf(path: string): Kind {
  return /^(?:glass|metal)/.test(path) ? 'container' : 'paper';
}

describe.skipIf(findChromium() === undefined)('the console, in Chromium', () => {
  const browser = startChromium();

  test('a person gets from 200 photographs without labels to a fine-tuned model that is served', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    page.setDefaultTimeout(60_000);
    const settled = followRequests(page);
    const client = createClient(httpTransport(address));

    await page.goto(`${address}/`);
    await page.getByText('No data sets yet').waitFor();
    await expectAccessible(page);
    await dropOnPage(page, [folderOfPhotographs()]);
    expect(await page.getByLabel('The images in photos have no labels yet').isChecked()).toBe(true);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Upload 200 files' }).click();
    await page.getByText('200 of 200 images have no label').waitFor();
    await page.getByRole('link', { name: 'Label images' }).click();

    const wrong = await labelUntilGood(page);
    await expectAccessible(page);
    await expectPhoneWidth(page);
    // Labels that are sent now or later bring other suggestions.
    await page.evaluate("window.dispatchEvent(new Event('pagehide'))");
    await settled();
    await acceptSuggestions(page);

    await page.getByRole('link', { name: 'photos', exact: true }).click();
    await correct(page, wrong);
    const labelled = async () => (await client.datasets.images('photos', { limit: 200 })).images;
    await expect.poll(async () => (await labelled()).find(({ path }) => path === wrong)?.labels).toEqual(['paper']);
    expect((await labelled()).filter(({ path, labels, unlabelled }) => !unlabelled && labels[0] !== truthOf(path))).toEqual([]);

    await page.goto(`${address}/#/train?dataset=photos`);
    await page.getByText('Fast', { exact: true }).click();
    await train(page);
    await page.getByText('Progress', { exact: true }).waitFor();
    await expectAccessible(page);
    await page.reload();
    await page.getByText('photos@1 is published').waitFor({ timeout: 120_000 });
    await expectAccessible(page);

    await shortenTrainings(page);
    await page.goto(`${address}/#/train?dataset=photos`);
    await train(page);
    const curve = page.getByRole('img', { name: /^Loss, training [\d.]+ \(\d\)/ });
    await curve.waitFor({ timeout: 120_000 });
    await expectAccessible(page);
    await page.getByText('photos@2 is published').waitFor({ timeout: 120_000 });
    await curve.waitFor();
    await showSideBySide(page, address);

    await page.goto(`${address}/#/models`);
    await expectAccessible(page);
    await page.getByRole('link', { name: /^photos/ }).click();
    for (const version of [1, 2]) await page.getByLabel(`Choose version ${version}`).check();
    await page.getByRole('button', { name: 'Compare two' }).click();
    await page.getByRole('heading', { level: 1, name: 'photos@1 and photos@2' }).waitFor();
    await page.getByRole('region', { name: 'Changed predictions' }).waitFor();
    await expectAccessible(page);

    await page.goto(`${address}/#/models/photos`);
    for (const version of ['1', '2']) {
      await page.getByLabel('Promote version').selectOption(version);
      await page.getByRole('button', { name: 'Promote', exact: true }).click();
      await page.getByText(`prod points to version ${version}.`).waitFor();
    }
    await page.getByRole('heading', { name: 'photos@2 in detail' }).waitFor();
    await setRetention(page);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Roll back to 1' }).click();
    await page.getByRole('button', { name: 'Roll back to 1' }).waitFor({ state: 'detached' });
    expect((await client.models.getAlias('photos', 'prod')).version).toBe(1);
    await page.getByRole('button', { name: 'Promote', exact: true }).click();
    await page.getByRole('button', { name: 'Roll back to 1' }).waitFor();
    await page.getByRole('button', { name: 'Copy as' }).first().click();
    await page.getByText('graft rollback photos prod').waitFor();
    await expectAccessible(page);

    await tryInBothWays(page, `${address}/#/try/photos:prod`);
    await expectAccessible(page);
    expect(heard).toEqual([]);
  });
});

/**
 * Labels by keys until the page says that it is good. One image is skipped, one label is taken back, and one is wrong.
 * @returns the path of the image with the wrong label
 */
async function labelUntilGood(page: Page): Promise<string> {
  await page.getByText('Name two classes to begin.').waitFor({ timeout: 120_000 });
  for (const kind of Object.keys(KINDS)) {
    await page.getByLabel('New class').fill(kind);
    await page.getByRole('button', { name: 'Add' }).click();
  }
  await page.locator('h1').click();
  const asked = page.locator('.large-image img');
  const isGood = page.getByText('Good enough to train');
  let wrong: string | undefined;
  for (let labels = 0; (await isGood.count()) === 0; labels++) {
    expect(labels).toBeLessThan(MOST_LABELS);
    const path = (await asked.getAttribute('alt')) ?? '';
    const isWrong = wrong === undefined && labels > 1 && path.startsWith('cardboard');
    if (isWrong) wrong = path;
    await page.keyboard.press(labels === 0 ? 's' : KEYS[isWrong ? 'container' : truthOf(path)]);
    await page.locator(`.large-image img:not([alt="${path}"])`).waitFor();
    if (labels !== 1) continue;
    await page.keyboard.press('z');
    await page.locator(`.large-image img[alt="${path}"]`).waitFor();
  }
  await page.getByText(/^Measured on \d+ /).waitFor();
  expect(wrong).toBeDefined();
  return wrong ?? '';
}

/** Corrects the suggestions that are wrong, leaves one image out, and accepts the others. */
async function acceptSuggestions(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Accept/ }).waitFor();
  const choices = page.locator('.suggestions select');
  const shown = () =>
    choices.evaluateAll((all) =>
      all.map((one) => ({ name: one.getAttribute('aria-label') ?? '', label: 'value' in one ? one.value : '' })),
    );
  const pathOf = (name: string) => name.replace('Label of ', '');
  expect((await shown()).length).toBeGreaterThan(5);
  await choices.first().selectOption('');
  for (;;) {
    const wrong = (await shown()).find(({ name, label }) => label !== '' && label !== truthOf(pathOf(name)));
    if (wrong === undefined) break;
    await page.getByRole('combobox', { name: wrong.name, exact: true }).selectOption(truthOf(pathOf(wrong.name)));
  }
  await page.locator('h1').click();
  const [before = ''] = await page.locator('dd').allInnerTexts();
  await page.keyboard.press('Enter');
  await page.locator('dd').first().filter({ hasNotText: before }).waitFor();
}

/** Opens a picture among those of the class that it is not of, and gives it the right label. */
async function correct(page: Page, path: string): Promise<void> {
  await page.getByRole('heading', { name: 'Versions' }).waitFor();
  await page.getByLabel('Class of the images').selectOption('container');
  await page.getByRole('img', { name: `${path}, container`, exact: true }).click();
  const like = page.getByRole('region', { name: `Like ${path}` });
  await like.getByRole('button', { name: `${path}, container`, exact: true }).click();
  await page.keyboard.press(KEYS.paper);
  await like.getByRole('button', { name: `${path}, paper`, exact: true }).waitFor();
}

async function train(page: Page): Promise<void> {
  await page.getByText(/^About /).waitFor();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
}

/** Makes trainings that the page submits fine-tune, and take seconds: small images, and three epochs. */
async function shortenTrainings(page: Page): Promise<void> {
  await page.route(
    (url) => url.pathname === '/v1/jobs',
    (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const { backbone, ...spec } = route.request().postDataJSON();
      const short = { strategy: 'fine-tune-top', backbone: { ...backbone, inputSize: 96 }, training: { epochs: 3 } };
      return route.continue({ postData: JSON.stringify({ ...spec, ...short }) });
    },
  );
}

async function showSideBySide(page: Page, address: string): Promise<void> {
  await page.goto(`${address}/#/jobs`);
  await expect.poll(() => page.getByText('Succeeded').count()).toBe(2);
  await expectAccessible(page);
  for (const box of await page.getByRole('checkbox', { name: /^Choose photos, / }).all()) await box.check();
  await page.getByRole('button', { name: 'Show side by side' }).click();
  for (const version of [1, 2]) await page.getByText(`photos@${version} is published`).waitFor();
}

/** Tries a setting, sets it, and keeps all versions after all. */
async function setRetention(page: Page): Promise<void> {
  const panel = page.getByRole('region', { name: 'Retention' });
  await panel.getByText('All versions stay.').waitFor();
  await panel.getByLabel('Newest versions that stay').fill('0');
  await panel.getByText('At least one version').waitFor();
  expect(await panel.getByRole('button', { name: 'Show what would go' }).isDisabled()).toBe(true);
  await panel.getByLabel('Newest versions that stay').fill('1');
  await panel.getByLabel('Days that every version stays').fill('0');
  await panel.getByRole('button', { name: 'Show what would go' }).click();
  // The alias can be rolled back to the older version.
  await panel.getByText('1 (rollback of prod)').waitFor();
  expect(await panel.getByText('All versions stay.').count()).toBe(1);
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Set', exact: true }).click();
  await panel.getByRole('button', { name: 'Keep all versions' }).waitFor();
  await panel.getByText('The newest 1 and all in use stay.').waitFor();
  await panel.getByRole('button', { name: 'Keep all versions' }).click();
  await panel.getByText('All versions stay.').waitFor();
}

/** Tries an image by the endpoint and in the browser, and expects the same answer. */
async function tryInBothWays(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('input[data-pick="files"]').setInputFiles(unseen);
  const endpoint = page.getByRole('region', { name: 'The endpoint' });
  await endpoint.getByText('Show the evidence for container').waitFor();
  await page.getByRole('button', { name: 'Load the model' }).click();
  const inBrowser = page.getByRole('region', { name: 'In this browser' });
  await inBrowser.locator('li').first().waitFor();
  expect(await inBrowser.locator('li').allInnerTexts()).toEqual(await endpoint.locator('li').allInnerTexts());
}
