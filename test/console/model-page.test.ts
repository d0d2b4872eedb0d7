import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import type { LocalWorld } from '../../lib/local/embedded-world.ts';
import { setKeeping } from '../../lib/models/keeping.ts';
import { importTwo } from '../support/api.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { expectAccessible, expectPhoneWidth, openConsolePage } from '../support/browser/console-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { keepPredictions, predictionOf } from '../support/models/keep-predictions.ts';
import { publishColours } from '../support/models/published-colours.ts';
import { publishScored } from '../support/models/scored-model.ts';

const labels = ['apple', 'birch', 'cedar'];

async function twoVersions(world: LocalWorld, perClass = 8): Promise<void> {
  for (const number of [1, 2]) await publishScored(world, { labels, number, seed: number, perClass });
}

/** The newest version has predicted nothing but uncertain apples. */
async function keptPredictions(world: LocalWorld): Promise<void> {
  await twoVersions(world, 30);
  await setKeeping('scored', { share: 1, perDay: 10_000, images: false, days: 30 }, world);
  const predictions = Array.from({ length: 80 }, () => predictionOf('apple', 0.35));
  await keepPredictions(world, predictions, { version: 2 });
}

/** What a screen reader says of a field besides its label. */
async function descriptionOf(field: Locator): Promise<string | null> {
  const id = await field.getAttribute('aria-describedby');
  return id === null ? null : field.page().locator(`#${id}`).textContent();
}

describe.skipIf(findChromium() === undefined)('the page of a model, in Chromium', () => {
  const browser = startChromium();

  test('a model that keeps no predictions says what to do for drift, does it, and ends it', async () => {
    const { page, address, heard } = await openConsolePage(browser, { prepare: (world) => twoVersions(world) });
    await page.goto(`${address}/#/models/scored`);
    const panel = page.getByRole('region', { name: 'Drift' });
    await panel.getByText('This model keeps no predictions').waitFor();
    await expectAccessible(page);
    expect(heard).toEqual([]);
    await panel.getByLabel('Share of the predictions').selectOption('100%');
    await panel.getByRole('button', { name: 'Keep predictions' }).click();
    await panel.getByText('0 of 50 predictions').waitFor();
    const { keeping } = await createClient(httpTransport(address)).models.getKeeping('scored');
    expect(keeping).toMatchObject({ share: 1, images: false });
    await expectAccessible(page);
    await panel.getByText('Keeps 100% of the predictions for 30 days, at most 1,000 of each version a day.').waitFor();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.accept();
    });
    await panel.getByRole('button', { name: 'Keep no more' }).click();
    await panel.getByText('This model keeps no predictions').waitFor();
    expect(asked).toEqual([expect.stringContaining('remove those that it has kept? This cannot be undone.')]);
    expect((await createClient(httpTransport(address)).models.getKeeping('scored')).keeping).toBeNull();
  });

  test('keeping can be ended without a comparison', async () => {
    const { page, address } = await openConsolePage(browser, {
      prepare: async (world) => {
        await publishColours(world);
        await setKeeping('colours', { share: 1, perDay: 1000, images: false, days: 30 }, world);
      },
    });
    await page.goto(`${address}/#/models/colours`);
    const panel = page.getByRole('region', { name: 'Drift' });
    await panel.getByText('MODEL_SCORES_MISSING').waitFor();
    page.on('dialog', (dialog) => void dialog.accept());
    await panel.getByRole('button', { name: 'Keep no more' }).click();
    await panel.getByText('This model keeps no predictions').waitFor();
    expect(await panel.getByRole('alert').count()).toBe(0);
  });

  test('drift says what changed; the version and the days are in the address, and Back and reload keep them', async () => {
    const { page, address, heard } = await openConsolePage(browser, { prepare: keptPredictions });
    await page.goto(`${address}/#/models/scored`);
    const panel = page.getByRole('region', { name: 'Drift' });
    await panel.getByText('Changed: Predicted classes, Mean confidence. 80 predictions compared with 90 test images.').waitFor();
    await panel.getByText('The model has no novelty score.').waitFor();
    await expectAccessible(page);
    await expectPhoneWidth(page);
    await panel.getByRole('button', { name: 'Get these images' }).click();
    await page.getByText('graft dataset-from scored@2 --unknown --unsure --days 7 --name to-label').waitFor();
    await page.keyboard.press('Escape');
    await panel.getByLabel('Days of kept predictions').selectOption('the last 30 days');
    await page.reload();
    expect(await panel.getByLabel('Days of kept predictions').inputValue()).toBe('30');
    expect(heard).toEqual([]);
    await page.getByRole('link', { name: 'Show version 1' }).click();
    await page.getByRole('heading', { name: 'scored@1 in detail' }).waitFor();
    await panel.getByText('0 of 50 predictions').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'scored@1 in detail' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'scored@2 in detail' }).waitFor();
  });

  test('long lists of versions, and of models to try, come in pages', async () => {
    const { page, context, address } = await openConsolePage(browser, { prepare: (world) => twoVersions(world) });
    const client = createClient(httpTransport(address));
    const { versions } = await client.models.versions('scored');
    const [newest] = versions;
    const all = Array.from({ length: 120 }, (_, i) => ({ ...newest, version: 120 - i }));
    await context.route(
      (url) => url.pathname.endsWith('/scored/versions'),
      (route) => {
        const after = Number(new URL(route.request().url()).searchParams.get('after') ?? 121);
        const rest = all.filter(({ version }) => version < after);
        const shown = rest.slice(0, 50);
        return route.fulfill({ json: { versions: shown, ...(rest.length > 50 && { next: `${shown.at(-1)?.version}` }) } });
      },
    );
    await page.goto(`${address}/#/models/scored`);
    const panel = page.getByRole('region', { name: 'Versions' });
    await panel.getByRole('link', { name: 'Show version 120' }).waitFor();
    for (const shown of [50, 100]) await panel.getByRole('button', { name: `Show more (${shown} so far)` }).click();
    await panel.getByRole('link', { name: 'Show version 1', exact: true }).waitFor();
    expect(await panel.getByRole('button', { name: /^Show more/ }).count()).toBe(0);

    await context.route(
      (url) => url.pathname === '/v1/models',
      (route) => {
        const isSecond = new URL(route.request().url()).searchParams.has('after');
        const models = [{ name: isSecond ? 'last' : 'scored', versions, aliases: { latest: 2 } }];
        return route.fulfill({ json: { models, ...(!isSecond && { next: 'scored' }) } });
      },
    );
    await page.goto(`${address}/#/try`);
    await page.getByRole('button', { name: 'Show more (1 so far)' }).click();
    await page.getByLabel('Model').selectOption('last');
    await page.reload();
    expect(await page.getByLabel('Model').inputValue()).toBe('last');
  });

  test('the choices of a training, and the class of the images, are in the address', async () => {
    const { page, address } = await openConsolePage(browser, { prepare: (world) => twoVersions(world) });
    await page.goto(`${address}/#/train?dataset=scored`);
    await page.getByText('Best', { exact: true }).click();
    await page.getByLabel('Name of the model').press('End');
    await page.keyboard.type('-2');
    await page.getByText(/^Backbone \(/).click();
    await page.getByRole('radio', { name: 'mobilenet_v2', exact: true }).check();
    await page.reload();
    expect(await page.getByRole('radio', { name: /^Best/ }).isChecked()).toBe(true);
    expect(await page.getByLabel('Name of the model').inputValue()).toBe('scored-2');
    await page.getByText('Backbone (mobilenet_v2) and strategy').waitFor();
    await expect.poll(() => page.getByRole('radio', { name: 'mobilenet_v2', exact: true }).isChecked()).toBe(true);

    await page.goto(`${address}/#/datasets/scored`);
    await page.getByLabel('Class of the images').selectOption('birch');
    await page.reload();
    await page
      .getByRole('img', { name: /^birch\/.*, birch$/ })
      .first()
      .waitFor();
    expect(await page.getByLabel('Class of the images').inputValue()).toBe('birch');
  });

  test('an invalid name says its rule, and a typed name stays for another data set', async () => {
    const prepare = async (world: LocalWorld) => {
      await twoVersions(world);
      await importTwo(world);
    };
    const { page, address } = await openConsolePage(browser, { prepare });
    await page.goto(`${address}/#/train?dataset=scored`);
    const name = page.getByLabel('Name of the model');
    const copy = page.getByRole('button', { name: 'Copy as' });
    await copy.waitFor();
    await name.fill('Flowers');
    await expect.poll(() => descriptionOf(name)).toContain('1 to 64 lower-case letters');
    expect([await name.getAttribute('aria-invalid'), await copy.count()]).toEqual(['true', 0]);
    await expectAccessible(page);
    await name.fill('flowers');
    await expect.poll(() => descriptionOf(name)).toBe('A model of the same name gets a new version.');
    await page.getByLabel('Data set', { exact: true }).selectOption('two');
    await page.getByRole('heading', { level: 1, name: 'Train on two' }).waitFor();
    expect(await name.inputValue()).toBe('flowers');
    await name.fill('two');
    await page.getByLabel('Data set', { exact: true }).selectOption('scored');
    await expect.poll(() => name.inputValue()).toBe('scored');

    await page.goto(`${address}/#/models/scored`);
    const panel = page.getByRole('region', { name: 'Aliases' });
    const alias = panel.getByLabel('to', { exact: true });
    for (const invalid of ['Prod', 'latest', '']) {
      await alias.fill(invalid);
      await expect.poll(() => descriptionOf(alias)).toContain('1 to 32 lower-case letters');
    }
    expect(await panel.getByRole('button', { name: 'Promote', exact: true }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await expectPhoneWidth(page);
    await alias.fill('prod');
    await expect.poll(() => descriptionOf(alias)).toBeNull();
  });

  test('requests of a page that is left are cancelled, and say nothing about the server', async () => {
    const { page, context, address } = await openConsolePage(browser, { prepare: (world) => twoVersions(world) });
    const held = Promise.withResolvers<void>();
    const cancelled: string[] = [];
    page.on('requestfailed', (request) => {
      cancelled.push(`${new URL(request.url()).pathname} ${request.failure()?.errorText}`);
    });
    await context.route(
      (url) => url.pathname === '/v1/models/scored',
      (route) => held.promise.then(() => route.continue().catch(() => {})),
    );
    const sent = page.waitForRequest((request) => request.url().endsWith('/v1/models/scored'));
    await page.goto(`${address}/#/models/scored`);
    await sent;
    await page.goto(`${address}/#/jobs`);
    await page.getByText('No jobs yet').waitFor();
    await expect.poll(() => cancelled).toContain('/v1/models/scored net::ERR_ABORTED');
    expect(cancelled.filter((line) => line.startsWith('/v1/models/scored '))).toHaveLength(1);
    expect(await page.getByText('Graft does not respond.').count()).toBe(0);
    held.resolve();
  });
});
