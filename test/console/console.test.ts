import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import { drawn, findChromium } from '../support/browser/chromium.ts';
import { expectAccessible, openConsolePage } from '../support/browser/console-page.ts';
import { dropOnPage } from '../support/browser/drop-on-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { type ZipEntry, zipOf } from '../support/datasets/archives.ts';
import { folderOf } from '../support/datasets/import-files.ts';
import { root } from '../support/docs/pages.ts';
import { startConsole } from '../support/graft.ts';

/** Images of each class of the latest version. */
async function classesOf(address: string, dataset: string): Promise<Record<string, number>> {
  const { classes } = await createClient(httpTransport(address)).datasets.get(dataset);
  return Object.fromEntries(classes.map(({ label, images }) => [label, images]));
}

/** Says of a label that looks wrong that it is right, takes that back, and says it again. */
async function confirmLabel(page: Page, address: string): Promise<void> {
  const client = createClient(httpTransport(address));
  const { images, expiresAt } = await client.datasets.images('bins', { limit: 50 });
  const { dataset, digest } = await client.datasets.get('bins');
  const [left, right] = ['glass', 'paper'].map((label) => images.find(({ labels }) => labels[0] === label));
  const isPairs = (url: URL) => url.pathname.endsWith('/pairs');
  const pairs = { dataset, digest, state: 'ready', pairs: [{ kind: 'suspect', left, right }], total: 1, expiresAt };
  await page.route(isPairs, (route) => route.fulfill({ json: pairs }));
  const confirmed = async () =>
    (await client.datasets.images('bins', { limit: 50 })).images.flatMap((image) => (image.confirmed ? image.path : []));
  await page.getByRole('link', { name: 'Map', exact: true }).click();
  await page.getByRole('link', { name: 'Doubtful labels' }).click();
  await page.getByRole('button', { name: 'It is glass' }).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('ArrowLeft');
  await page.getByText('All pairs are answered').waitFor();
  await expect.poll(confirmed).toEqual([left?.path]);
  await page.keyboard.press('z');
  await page.getByRole('button', { name: 'It is glass' }).waitFor();
  await expect.poll(confirmed).toEqual([]);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(confirmed).toEqual([left?.path]);
  await page.unroute(isPairs);
  await page.getByRole('link', { name: 'Map', exact: true }).click();
  await page.getByRole('link', { name: 'Doubtful labels' }).click();
  await page.getByText('The same picture has two labels.').waitFor();
}

/** Gives a label that the server refuses after its view was left: the page says so until that is dismissed. */
async function refuseLeftLabel(page: Page): Promise<void> {
  const isLeft = Promise.withResolvers<void>();
  const toLabels = (url: URL) => url.pathname.endsWith('/labels');
  const json = { type: 'x', title: 'x', status: 409, detail: 'This changes the task.', code: 'LABELS_CHANGE_TASK' };
  await page.route(toLabels, (route) => isLeft.promise.then(() => route.fulfill({ status: 409, json })));
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('link', { name: 'Unknown' }).click();
  await page.getByText('Not sent yet: 1 change of labels.').waitFor();
  isLeft.resolve();
  await page.getByText('LABELS_CHANGE_TASK').waitFor();
  await page.getByText('Not sent yet').waitFor({ state: 'detached' });
  await expectAccessible(page);
  const dismiss = page.getByRole('button', { name: 'Dismiss' });
  await dismiss.click();
  await page.getByText('LABELS_CHANGE_TASK').waitFor({ state: 'detached' });
  expect(await dismiss.count()).toBe(0);
  await page.unroute(toLabels);
  await page.getByRole('link', { name: 'Doubtful labels' }).click();
  await page.getByText('The same picture has two labels.').waitFor();
}

/** A data set of many images whose files are all one small picture. */
async function serveLargeDataset(context: BrowserContext, count: number): Promise<void> {
  const digest = `sha256-${'1'.repeat(64)}`;
  const sizes = { smallest: 8, median: 8, largest: 8 };
  const report = {
    dataset: 'large',
    digest,
    task: 'single-label',
    classes: [{ label: 'a', images: count }],
    accepted: count,
    refused: [],
    duplicates: [],
    sizes: { width: sizes, height: sizes },
    warnings: [],
  };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const imageAt = (row: number) => ({
    path: `a/${String(row).padStart(6, '0')}.png`,
    labels: ['a'],
    sha256: row.toString(16).padStart(64, '0'),
    width: 8,
    height: 8,
    request: { method: 'GET', url: '/v1/downloads/small', headers: {} },
  });
  const small = readFileSync(unseen);
  await context.route(
    (url) => /^\/v1\/(datasets\/large|downloads\/small)/.test(url.pathname),
    async (route) => {
      const { pathname, searchParams } = new URL(route.request().url());
      if (pathname.startsWith('/v1/downloads/')) return route.fulfill({ body: small, contentType: 'image/jpeg' });
      if (pathname.endsWith('/versions')) return route.fulfill({ json: { versions: [] } });
      if (!pathname.endsWith('/images')) return route.fulfill({ json: report });
      const rows = searchParams.get('rows')?.split(',').map(Number) ?? [];
      return route.fulfill({ json: { images: rows.map(imageAt), expiresAt } });
    },
  );
}

const photographs = join(root, 'assets/sample-trashnet');
const unseen = join(root, 'assets/sample-trashnet-unseen/metal.jpg');
const CLASSES = ['cardboard', 'glass', 'metal', 'paper', 'plastic', 'trash'];
/** Bytes of the first load over the network. */
const FIRST_LOAD = 200_000;

describe.skipIf(findChromium() === undefined)('the console, in Chromium', () => {
  const browser = startChromium();

  test('a person drops a folder of classes, looks at its images, and sees what a training would take', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    await page.goto(`${address}/`);
    await page.getByText('No data sets yet').waitFor();
    await dropOnPage(page, [photographs]);
    await page.getByRole('heading', { name: 'Upload images' }).waitFor();
    expect(await page.getByLabel('Name of the data set').inputValue()).toBe('sample-trashnet');
    await expectAccessible(page);
    await page.getByLabel('Name of the data set').fill('trash');
    await page.getByRole('button', { name: 'Upload 360 files' }).click();

    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    await expect.poll(() => page.url()).toMatch(/#\/datasets\/trash%40sha256-[0-9a-f]{64}$/);
    await page.getByLabel('Class of the images').selectOption('glass');
    await page
      .getByRole('img', { name: /^glass\/.*, glass$/ })
      .first()
      .waitFor();
    for (const label of CLASSES) expect(await page.getByText(label, { exact: true }).count()).toBeGreaterThan(0);
    await expectAccessible(page);

    await page.getByRole('link', { name: 'Train a model' }).click();
    await page.getByRole('heading', { level: 1, name: 'Train on trash' }).waitFor();
    await page.getByText(/^Backbone \(efficientnet_lite0\)/).click();
    await page.getByRole('radio', { name: 'efficientnet_lite0' }).waitFor();
    await page.getByText(/^About /).waitFor();
    await expectAccessible(page);
    expect(heard).toEqual([]);
  });

  test('a person drops the export of a labelling tool with its images, and sees where the labels come from', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    const names = readdirSync(join(photographs, 'glass')).slice(0, 4);
    const tags = names.map((name, at) => `<image name="${name}"><tag label="${at % 2 === 0 ? 'jar' : 'cup'}"/></image>`);
    const folder = folderOf({
      'annotations.xml': `<annotations><version>1.1</version>${tags.join('')}</annotations>`,
      ...Object.fromEntries(names.map((name) => [`images/${name}`, readFileSync(join(photographs, 'glass', name))])),
    });
    await page.goto(`${address}/`);
    await dropOnPage(page, [folder]);
    await page.getByText('The labels come from annotations.xml, if that is the export of a labelling tool.').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    expect(await page.getByLabel('Class of the images without a folder').count()).toBe(0);
    await expectAccessible(page);
    await page.getByLabel('Name of the data set').fill('vessels');
    await page.getByRole('button', { name: 'Upload 5 files' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    expect(await classesOf(address, 'vessels')).toEqual({ cup: 2, jar: 2 });
    expect(heard).toEqual([]);
  });

  test('a person finds images on a map, corrects doubtful labels, and finds what is alike or unknown', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    const copied = ['glass', 'paper'].flatMap((label) =>
      readdirSync(join(photographs, label))
        .slice(0, 24)
        .map((name) => ({ name: `bins/${label}/${name}`, bytes: readFileSync(join(photographs, label, name)) })),
    );
    const twice = { name: 'bins/paper/again.jpg', bytes: copied[0]?.bytes ?? Buffer.alloc(0) };
    await page.goto(`${address}/`);
    await page
      .locator('input[data-pick="files"]')
      .setInputFiles([{ name: 'bins.zip', mimeType: 'application/zip', buffer: zipOf([...copied, twice]) }]);
    await page.getByRole('button', { name: 'Upload 49 files' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    await page.getByRole('link', { name: 'Find', exact: true }).click();

    const map = page.getByRole('application', { name: 'Map of 49 images' });
    await map.waitFor({ timeout: 120_000 });
    await expectAccessible(page);
    // Keys alone select images; a lasso around the map selects all.
    await map.focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press('+');
    await page.keyboard.press('Enter');
    const selected = page.getByRole('region', { name: 'Selected images' });
    await selected.getByText(/^\d+ of \d+ chosen$/).waitFor();
    await page.keyboard.press('Escape');
    const box = await map.locator('canvas').boundingBox();
    const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
    await page.mouse.move(x + 2, y + 2);
    await page.mouse.down();
    for (const [right, down] of [
      [width - 3, 2],
      [width - 3, height - 3],
      [2, height - 3],
    ] as const)
      await page.mouse.move(x + right, y + down);
    await page.mouse.up();
    await selected.getByText('49 of 49 chosen').waitFor();
    const papers = page.getByRole('button', { name: 'paper 25', exact: true });
    await papers.click();
    await selected.getByText('25 of 25 chosen').waitFor();
    await papers.click();
    await drawn(page);
    await selected.getByText('25 of 25 chosen').waitFor();
    // While the images of another selection are loaded, no key labels those of the one before.
    const held = Promise.withResolvers<void>();
    const ofRows = (url: URL) => url.searchParams.has('rows');
    await page.route(ofRows, (route) => held.promise.then(() => route.continue()));
    await page.getByRole('button', { name: 'glass 24', exact: true }).click();
    await selected.getByText('25 of 25 chosen').waitFor({ state: 'detached' });
    await page.keyboard.press('1');
    held.resolve();
    await selected.getByText('24 of 24 chosen').waitFor();
    await page.unroute(ofRows);
    expect(await classesOf(address, 'bins')).toEqual({ glass: 24, paper: 25 });
    await page.getByRole('button', { name: 'paper 25', exact: true }).click();
    await selected.getByText('25 of 25 chosen').waitFor();
    await selected.getByRole('button', { name: 'Choose none' }).click();
    await selected.getByRole('button', { name: /^paper\/again.jpg, paper/ }).click();
    await expectAccessible(page);
    await page.keyboard.press('1');
    await page.getByRole('button', { name: 'glass 25', exact: true }).waitFor();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: 'paper 25', exact: true }).waitFor();

    await page.getByRole('link', { name: 'Doubtful labels' }).click();
    await page.getByText('The same picture has two labels.').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => classesOf(address, 'bins')).toEqual({ glass: 25, paper: 24 });
    await page.keyboard.press('z');
    await expect.poll(() => classesOf(address, 'bins')).toEqual({ glass: 24, paper: 25 });
    await page.getByText('The same picture has two labels.').waitFor();
    // Another look shows what was skipped.
    const skipped = page.getByText(/^Skipped: \d+ pairs?$/);
    while (!(await skipped.isVisible())) await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('The same picture has two labels.').waitFor();
    await confirmLabel(page, address);
    await refuseLeftLabel(page);
    expect(await classesOf(address, 'bins')).toEqual({ glass: 24, paper: 25 });
    // A label whose request fails after its view was left is sent again.
    const isLeft = Promise.withResolvers<void>();
    const toLabels = (url: URL) => url.pathname.endsWith('/labels');
    await page.route(toLabels, (route) => isLeft.promise.then(() => route.fulfill({ status: 503 })), { times: 1 });
    await page.keyboard.press('ArrowLeft');

    await page.getByRole('link', { name: 'Unknown' }).click();
    await page.getByText('No image without a label is left to compare').waitFor();
    await page.getByText('Not sent yet: 1 change of labels.').waitFor();
    const mayClose = () => page.evaluate(`dispatchEvent(new Event('beforeunload', { cancelable: true }))`);
    expect(await mayClose()).toBe(false);
    isLeft.resolve();
    await expect.poll(() => classesOf(address, 'bins'), { timeout: 20_000 }).toEqual({ glass: 25, paper: 24 });
    await expect.poll(mayClose).toBe(true);
    expect(await page.getByText('Not sent yet').count()).toBe(0);
    await expectAccessible(page);
    await page.goto(`${address}/#/datasets/bins`);
    await page.locator('a.like').first().click();
    await page.getByRole('region', { name: /^Like glass\// }).waitFor();
    await page.getByText('0 of 48 chosen').waitFor();
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const view of ['similar', 'map', 'pairs', 'unknown']) {
      await page.goto(`${address}/#/datasets/bins/find?view=${view}`);
      await page.locator('.panel').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    }
    expect(heard.filter((line) => !/status of (409|503)/.test(line))).toEqual([]);
  });

  test('the first load is small, and reaches no other address', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize));
    });
    await page.goto(`${address}/`, { waitUntil: 'networkidle' });
    const bytes = (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(FIRST_LOAD);
    expect(heard).toEqual([]);
  });

  test('a lost server is waited for', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    await page.goto(`${address}/`);
    await page.getByText('No data sets yet').waitFor();
    await context.setOffline(true);
    await page.goto(`${address}/#/models`).catch(() => {});
    await page.getByText('Graft does not respond.').waitFor();
    await context.setOffline(false);
    await page.getByText('No models yet').waitFor();
    expect(heard.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line))).toEqual([]);
  });

  test('a list of 10,000 images has few elements in the document, wherever it is scrolled to', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    await serveLargeDataset(context, 10_000);
    await page.goto(`${address}/#/datasets/large`);
    const grid = page.getByRole('region', { name: 'Images' }).locator('.image-grid');
    await grid.locator('canvas').first().waitFor();
    for (const share of [0, 0.5, 1]) {
      const wanted = share * 9_999;
      await grid.evaluate((element, to) => element.scrollTo(0, to * element.scrollHeight), share);
      const places = () =>
        grid.locator('li:has(canvas)').evaluateAll((all) => all.map((each) => Number(each.getAttribute('aria-posinset'))));
      await expect.poll(async () => Math.min(...(await places()).map((place) => Math.abs(place - 1 - wanted)))).toBeLessThan(60);
      expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(2_000);
    }
    expect(heard).toEqual([]);
  });

  test('a page says which one it is while it is loaded, and if that fails', async () => {
    const { page, context, address } = await openConsolePage(browser);
    const json = { type: 'x', title: 'x', status: 404, detail: 'Gone.', code: 'IS_GONE' };
    const isApi = (url: URL) => url.pathname.startsWith('/v1/');
    const pages = [
      ['datasets/bins', 'bins'],
      ['datasets/bins/label', 'Label bins'],
      ['uploads/one', 'Upload'],
      ['train', 'Train a model'],
      ['jobs/job-one', 'job-one'],
      ['models/sorter', 'sorter'],
      ['models/sorter/look', 'Look at sorter'],
      ['try', 'Try'],
    ] as const;
    for (const [path, title] of pages) {
      const held = Promise.withResolvers<void>();
      await context.route(isApi, (route) => held.promise.then(() => route.fulfill({ status: 404, json })).catch(() => {}));
      await page.goto(`${address}/#/${path}`);
      const heading = page.getByRole('heading', { level: 1, name: title, exact: true });
      await heading.waitFor();
      await expect.poll(() => page.title()).toBe(`${title} · Graft`);
      held.resolve();
      await page.getByText('IS_GONE').first().waitFor();
      await heading.waitFor();
      await context.unroute(isApi);
    }
  });

  test('a list of images whose first ones cannot be loaded says so, and loads the others and those later', async () => {
    const { page, context, address } = await openConsolePage(browser);
    await serveLargeDataset(context, 1_000);
    let failures = 0;
    await context.route(
      (url) => url.pathname.endsWith('/images') && url.searchParams.get('rows')?.startsWith('0,') === true,
      (route) =>
        failures++ === 0
          ? route.fulfill({ status: 404, json: { type: 'x', title: 'x', status: 404, detail: 'Gone.', code: 'IMAGES_GONE' } })
          : route.fallback(),
    );
    await page.goto(`${address}/#/datasets/large`);
    const panel = page.getByRole('region', { name: 'Images' });
    const grid = panel.locator('.image-grid');
    await panel.getByText('IMAGES_GONE').waitFor();
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await grid.locator('canvas').first().waitFor();
    await expect.poll(() => panel.getByText('IMAGES_GONE').count()).toBe(0);
    await grid.evaluate((element) => element.scrollTo(0, 0));
    await grid.locator('li[aria-posinset="1"] canvas').waitFor();
    expect(failures).toBe(2);
  });

  test('retention sets only what was previewed, and keeps the preview if that fails', async () => {
    const { page, context, address } = await openConsolePage(browser);
    const preview = Promise.withResolvers<void>();
    const set: unknown[] = [];
    await context.route(
      (url) => url.pathname.startsWith('/v1/models/sorter'),
      async (route) => {
        const { pathname, searchParams } = new URL(route.request().url());
        if (!pathname.endsWith('/retention')) return route.fulfill({ json: { name: 'sorter', versions: [], aliases: {} } });
        if (route.request().method() === 'PUT') {
          set.push(route.request().postDataJSON());
          return route.fulfill({ status: 404 });
        }
        const [newest, days] = ['newest', 'days'].map((key) => searchParams.get(key));
        if (newest === '10') await preview.promise;
        const retention = newest === null ? null : { newest: Number(newest), days: Number(days) };
        await route.fulfill({ json: { model: 'sorter', retention, expired: [], inUse: [], removed: [] } });
      },
    );
    await page.goto(`${address}/#/models/sorter`);
    const panel = page.getByRole('region', { name: 'Retention' });
    const newest = panel.getByLabel('Newest versions that stay');
    const ask = panel.getByRole('button', { name: 'Show what would go' });
    const send = panel.getByRole('button', { name: 'Set', exact: true });
    await newest.fill('10');
    const answered = page.waitForResponse(/newest=10/);
    await ask.click();
    await newest.fill('1');
    preview.resolve();
    await answered;
    // The button is enabled again once the answer has been taken in.
    await expect.poll(() => ask.isEnabled()).toBe(true);
    expect(await send.count()).toBe(0);
    await ask.click();
    await send.click();
    await panel.locator('.retention').getByRole('alert').waitFor();
    expect(set).toEqual([{ newest: 1, days: 30 }]);
    expect(await send.isEnabled()).toBe(true);
  });

  test('an alias is forced only to the version that its gate stopped, and a rollback moves only as its button says', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    // As on a page over HTTP whose server is on another machine.
    await page.addInitScript('delete Crypto.prototype.randomUUID');
    const sent: unknown[] = [];
    const promotion = Promise.withResolvers<void>();
    const rollback = Promise.withResolvers<void>();
    let isGated = true;
    let hasMoved = false;
    const versionOf = (version: number) => ({
      version,
      job: `job-zzzzzzzzz-${`${version}`.padStart(10, '0')}`,
      package: `models/sorter/${version}/`,
      createdAt: '2030-01-01T00:00:00.000Z',
      backbone: 'mobilenet',
      dataset: 'bins',
    });
    const problem = {
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'The version does not pass the gate.',
      code: 'GATE_FAILED',
    };
    await context.route(
      (url) => url.pathname.startsWith('/v1/models/sorter'),
      async (route) => {
        const { pathname } = new URL(route.request().url());
        if (route.request().method() === 'PUT') {
          sent.push(route.request().postDataJSON());
          await promotion.promise;
          if (isGated) return route.fulfill({ status: 409, json: problem });
          return route.fulfill({ json: { model: 'sorter', alias: 'prod', version: 3, previous: [2] } });
        }
        if (pathname.endsWith('/rollback')) {
          sent.push(route.request().postDataJSON());
          await rollback.promise;
          if (hasMoved) return route.fulfill({ status: 412, json: { ...problem, status: 412, code: 'PRECONDITION_FAILED' } });
        }
        if (pathname.includes('/aliases/lost'))
          return route.fulfill({ status: 500, json: { ...problem, status: 500, code: 'STORE_CORRUPT' } });
        if (pathname.includes('/aliases/prod')) {
          const at = hasMoved ? { version: 2, previous: [1] } : { version: 3, previous: [1, 2] };
          return route.fulfill({ json: { model: 'sorter', alias: 'prod', ...at } });
        }
        if (!pathname.endsWith('/sorter')) return route.fulfill({ status: 404 });
        await route.fulfill({
          json: { name: 'sorter', versions: [1, 2, 3].map(versionOf), aliases: { prod: hasMoved ? 2 : 3, lost: 1 } },
        });
      },
    );
    await page.goto(`${address}/#/models/sorter`);
    const panel = page.getByRole('region', { name: 'Aliases' });
    await panel.getByText('STORE_CORRUPT').waitFor();
    await panel.getByRole('button', { name: 'Promote', exact: true }).click();
    const fields = [panel.getByLabel('Promote version'), panel.getByLabel('to', { exact: true })];
    for (const field of fields) await expect.poll(() => field.isDisabled()).toBe(true);
    promotion.resolve();
    await panel.getByLabel('Reason').fill('measured elsewhere');
    for (const field of fields) await expect.poll(() => field.isEnabled()).toBe(true);
    await panel.getByLabel('Promote version').selectOption('2');
    await expect.poll(() => panel.getByLabel('Reason').count()).toBe(0);
    await panel.getByRole('button', { name: 'Promote', exact: true }).click();
    await panel.getByLabel('Reason').waitFor();
    expect(await panel.getByLabel('Reason').inputValue()).toBe('');
    const promotions = [3, 2].map((version) => ({ version, expected: 3 }));
    expect(sent).toEqual(promotions);
    const back = panel.getByRole('button', { name: 'Roll back to 2' });
    await back.dblclick();
    await expect.poll(() => back.isDisabled()).toBe(true);
    rollback.resolve();
    await expect.poll(() => back.isEnabled()).toBe(true);
    expect(sent).toEqual([...promotions, { version: 2, expected: 3 }]);
    hasMoved = true;
    await back.click();
    await panel.getByText('PRECONDITION_FAILED').waitFor();
    await panel.getByRole('button', { name: 'Roll back to 1' }).waitFor();
    expect(await panel.getByText('PRECONDITION_FAILED').count()).toBe(1);
    // The button is disabled while it is at work, and has the focus again afterwards.
    isGated = false;
    await panel.getByLabel('Promote version').selectOption('3');
    await panel.getByRole('button', { name: 'Promote', exact: true }).click();
    await panel.getByRole('status').getByText('prod').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Promote');
    expect(heard.filter((line) => line.includes('TypeError'))).toEqual([]);
  });

  test('a file that is dropped on the picture of "Try" is predicted, and one that is dropped elsewhere opens nothing', async () => {
    const { page, context, address, heard } = await openConsolePage(browser);
    const predictions = [{ image: 'image', labels: [{ label: 'tin', probability: 0.9 }], abstained: false }];
    await context.route(
      (url) => url.pathname.startsWith('/v1/models'),
      (route) => {
        const isPrediction = new URL(route.request().url()).pathname.endsWith('/predict');
        const models = [{ name: 'sorter', versions: [], aliases: {} }];
        return route.fulfill({ json: isPrediction ? { model: 'sorter', version: 1, predictions } : { models } });
      },
    );
    await page.goto(`${address}/#/try`);
    await page.getByText('Your image appears here').waitFor();
    await dropOnPage(page, [unseen], '.stage-image');
    await page.getByRole('region', { name: 'The endpoint' }).getByText('tin', { exact: true }).waitFor();
    await page.getByRole('img', { name: 'The image' }).waitFor();
    await expectAccessible(page);

    const isRefused = await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'x.png', { type: 'image/png' }));
      const events = ['dragover', 'drop'].map((type) => new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
      for (const event of events) document.querySelector('main').dispatchEvent(event);
      return events.map(({ defaultPrevented }) => defaultPrevented);
    })()`);
    expect(isRefused).toEqual([true, true]);
    await dropOnPage(page, [unseen], 'h1');
    await drawn(page);
    expect(page.url()).toBe(`${address}/#/try`);
    await page.getByRole('img', { name: 'The image' }).waitFor();
    expect(heard).toEqual([]);
  });

  test('a zip is unpacked in the browser, and an upload goes on by itself after a lost connection', async () => {
    const { page, context, address } = await openConsolePage(browser, { colorScheme: 'dark', width: 390 });
    const photos = ['metal', 'glass'].flatMap((label) => {
      const folder = join(photographs, label);
      const names = readdirSync(folder).slice(0, 12);
      return names.map((name): ZipEntry => ({ name: `bins/${label}/${name}`, bytes: readFileSync(join(folder, name)) }));
    });
    await page.goto(`${address}/`);
    // Its flags say that it is encrypted.
    photos.push({ ...photos[0]!, name: 'bins/metal/secret.jpg', flags: 0x801 });
    const nothing = { name: '.DS_Store', mimeType: 'application/octet-stream', buffer: Buffer.from('x') };
    await page.locator('input[type="file"]').first().setInputFiles(nothing);
    await page.getByText('There are no files in what you dropped.').waitFor();
    await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
    const isUpload = (url: URL) => url.pathname.startsWith('/v1/uploads/');
    await context.route(isUpload, (route) => route.abort());
    await page
      .locator('input[data-pick="files"]')
      .setInputFiles([{ name: 'bins.zip', mimeType: 'application/zip', buffer: zipOf(photos) }]);
    await page.getByRole('button', { name: 'Upload 25 files' }).click();
    await page.getByText('Files cannot be sent now.').waitFor();
    await page.getByText('API_UNREACHABLE').waitFor();
    const upload = page.url();
    await expectAccessible(page);
    await context.unroute(isUpload);
    await expect.poll(() => page.url()).toBe(upload);
    const leftOut = page.getByRole('region', { name: 'Left out: 1 file that cannot be used' });
    await leftOut.getByText('metal/secret.jpg').waitFor();
    await page.getByRole('link', { name: 'Show the data set' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    expect(await page.locator('dd').allInnerTexts()).toEqual(['24', '2', '1', expect.any(String)]);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(390);
  });

  test('graft console serves the page for an API elsewhere, and no other tab without its token', async () => {
    const { page, context, address } = await openConsolePage(browser, { token: 'secret-of-the-api' });
    const cache = mkdtempSync(join(tmpdir(), 'graft-cache-'));
    onTestFinished(() => rmSync(cache, { recursive: true }));
    const own = await startConsole({ GRAFT_API: address, GRAFT_API_TOKEN: 'secret-of-the-api', XDG_CACHE_HOME: cache });
    await page.goto(own);
    await page.getByText('No data sets yet').waitFor();
    await expect.poll(() => page.url()).not.toContain('token');
    const [metal = ''] = readdirSync(join(photographs, 'metal'));
    const buffer = readFileSync(join(photographs, 'metal', metal));
    await page.locator('input[data-pick="files"]').setInputFiles([{ name: 'one.jpg', mimeType: 'image/jpeg', buffer }]);
    await page.getByLabel('Name of the data set').fill('bins');
    await page.getByRole('button', { name: 'Upload 1 file' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    // It computes the features itself.
    await page.getByRole('link', { name: 'Label images' }).click();
    await page.locator('.large-image img').waitFor({ timeout: 120_000 });
    const features = openFileStore({ directory: join(cache, 'graft/console/store'), clock: systemClock });
    onTestFinished(() => features.close());
    expect((await features.list('features/')).objects).toHaveLength(1);
    const other = await context.newPage();
    await other.goto(new URL('/', own).href);
    await other.getByLabel('Token').waitFor();
  });

  test('a server with a token asks for it', async () => {
    const { page, address } = await openConsolePage(browser, { token: 'secret-of-this-test' });
    await page.goto(`${address}/#/models`);
    await page.getByLabel('Token').fill('another');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('That is not the token of this server.').waitFor();
    await expectAccessible(page);
    await page.getByLabel('Token').fill('secret-of-this-test');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('No models yet').waitFor();
    await page.reload();
    await page.getByText('No models yet').waitFor();
  });
});
