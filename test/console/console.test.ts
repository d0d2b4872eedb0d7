import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { zipOf } from '../support/archives.ts';
import { findChromium } from '../support/chromium.ts';
import { scratchFolder, startConsole, startDev } from '../support/graft.ts';
import { root } from '../support/pages.ts';

/** Images of each class of the latest version. */
async function classesOf(address: string, dataset: string): Promise<Record<string, number>> {
  const { classes } = await createClient(httpTransport(address)).datasets.get(dataset);
  return Object.fromEntries(classes.map(({ label, images }) => [label, images]));
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
  const small = readFileSync(join(root, 'assets/sample-trashnet-unseen/metal.jpg'));
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

const executablePath = findChromium();
const photographs = join(root, 'assets/sample-trashnet');
const unseen = join(root, 'assets/sample-trashnet-unseen/metal.jpg');
const CLASSES = ['cardboard', 'glass', 'metal', 'paper', 'plastic', 'trash'];
/** Bytes of the first load over the network. */
const FIRST_LOAD = 200_000;

describe.skipIf(executablePath === undefined)('the console, in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    // Containers run as root, where Chromium's sandbox does not start. The page is ours.
    browser = await chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  interface Opened {
    readonly page: Page;
    readonly context: BrowserContext;
    readonly address: string;
    /** What the page complained about, and requests to other addresses. */
    readonly heard: string[];
  }

  async function open(options: { colorScheme?: 'light' | 'dark'; width?: number; token?: string } = {}): Promise<Opened> {
    const { colorScheme = 'light', width = 1280, token = '' } = options;
    const data = join(scratchFolder(), 'data');
    const { address } = await startDev({ GRAFT_DATA_DIR: data, GRAFT_TENSORFLOW: 'wasm', GRAFT_API_TOKEN: token });
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${address}/`) && !/^(?:blob|data):/.test(url)) heard.push(url);
    });
    return { page, context, address, heard };
  }

  /** Rules of accessibility that a page breaks, in both themes. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found: string[] = [];
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
      found.push(
        ...violations.map(
          ({ id, nodes }) =>
            `${colorScheme} ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`,
        ),
      );
    }
    return found;
  }

  /** Drops a folder of this machine on the page, as a file manager does. */
  async function drop(page: Page, paths: readonly string[]): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const box = await page.locator('.drop').boundingBox();
    const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
  }

  test('a person drops a folder, trains, looks, tries an image, and promotes', async () => {
    const { page, address, heard } = await open();
    const at = (name: string) => page.getByRole('heading', { level: 1, name });
    const accessible = async () => expect(await violations(page)).toEqual([]);

    await page.goto(`${address}/`);
    await page.getByText('No data sets yet').waitFor();
    await accessible();

    await drop(page, [photographs]);
    await page.getByRole('heading', { name: 'Upload images' }).waitFor();
    expect(await page.getByLabel('Name of the data set').inputValue()).toBe('sample-trashnet');
    await accessible();
    await page.getByLabel('Name of the data set').fill('trash');
    await page.getByRole('button', { name: 'Upload 360 files' }).click();

    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    expect(page.url()).toMatch(/#\/datasets\/trash%40sha256-[0-9a-f]{64}$/);
    await page.getByLabel('Class of the images').selectOption('glass');
    await page
      .getByRole('img', { name: /^glass\/.*, glass$/ })
      .first()
      .waitFor();
    for (const label of CLASSES) expect(await page.getByText(label, { exact: true }).count()).toBeGreaterThan(0);
    await accessible();

    await page.getByRole('link', { name: 'Train a model' }).click();
    await at('Train on trash').waitFor();
    await page.getByText('Fast', { exact: true }).click();
    await page.getByText(/^Backbone \(efficientnet_lite0\)/).click();
    await page.getByRole('radio', { name: 'efficientnet_lite0' }).waitFor();
    await page.getByText(/^About /).waitFor();
    await accessible();
    await page.getByRole('button', { name: 'Train', exact: true }).click();

    await page.getByText('Progress', { exact: true }).waitFor();
    const job = page.url();
    await accessible();
    await page.reload();
    await page.getByText('trash@1 is published').waitFor({ timeout: 240_000 });
    await accessible();
    await page.goto(`${job}?beside=${job.split('/').at(-1)}`);
    await expect.poll(() => page.getByText('trash@1 is published').count()).toBe(2);
    await page.goto(`${address}/#/jobs`);
    await page.getByText('Succeeded').waitFor();
    await accessible();

    await page.goto(`${address}/#/try/trash`);
    await page.locator('input[data-pick="files"]').setInputFiles(unseen);
    const endpoint = page.getByRole('region', { name: 'The endpoint' });
    await endpoint.getByText('Show the evidence for metal').waitFor();
    await page.getByRole('button', { name: 'Load the model' }).click();
    const inBrowser = page.getByRole('region', { name: 'In this browser' });
    await inBrowser.locator('li').first().waitFor({ timeout: 60_000 });
    expect(await inBrowser.locator('li').allInnerTexts()).toEqual(await endpoint.locator('li').allInnerTexts());
    await accessible();

    await page.goto(`${address}/#/models`);
    await page.getByRole('link', { name: /^trash/ }).waitFor();
    await accessible();
    await page.goto(`${address}/#/models/trash`);
    await page.getByRole('button', { name: 'Promote', exact: true }).click();
    await page.getByText('prod points to version 1.').waitFor();
    await page.getByRole('heading', { name: 'trash@1 in detail' }).waitFor();
    await accessible();
    await page.getByRole('button', { name: 'Copy as' }).first().click();
    await page.getByText('graft promote trash@1 prod').waitFor();
    await accessible();
    await page.goto(`${address}/#/models/trash/compare?before=1&after=1`);
    await page.getByText('Both versions predict the same labels.').waitFor();
    await accessible();
    expect(heard).toEqual([]);
  });

  test('a person drops 200 photographs without labels, labels by keys, accepts suggestions, and trains', async () => {
    const { page, address, heard } = await open();
    const folder = join(scratchFolder(), 'photos');
    mkdirSync(folder);
    // Two kinds of rubbish, each of two materials.
    for (const label of ['glass', 'metal', 'cardboard', 'paper'])
      for (const name of readdirSync(join(photographs, label)).slice(0, 50))
        copyFileSync(join(photographs, label, name), join(folder, name));
    const truthOf = (path: string | null) => (/^(?:glass|metal)/.test(path ?? '') ? 'container' : 'paper');
    const accessible = async () => expect(await violations(page)).toEqual([]);
    await page.goto(`${address}/`);
    await drop(page, [folder]);
    expect(await page.getByLabel('The images in photos have no labels yet').isChecked()).toBe(true);
    await accessible();
    await page.getByRole('button', { name: 'Upload 200 files' }).click();
    await page.getByText('200 of 200 images have no label').waitFor();
    await page.getByRole('link', { name: 'Label images' }).click();

    await page.getByText('Name two classes to begin.').waitFor({ timeout: 120_000 });
    for (const label of ['container', 'paper']) {
      await page.getByLabel('New class').fill(label);
      await page.getByRole('button', { name: 'Add' }).click();
    }
    const asked = page.locator('.ask-image img');
    const accept = page.getByRole('button', { name: /Accept/ });
    await page.locator('h1').click();
    for (let labels = 0; (await accept.count()) === 0; labels++) {
      expect(labels).toBeLessThan(50);
      const path = await asked.getAttribute('alt');
      // The first one is skipped, and one label is taken back.
      if (labels === 0) await page.keyboard.press('s');
      else await page.keyboard.press(truthOf(path) === 'container' ? '1' : '2');
      await page.locator(`.ask-image img:not([alt="${path}"])`).waitFor();
      if (labels !== 1) continue;
      await page.keyboard.press('z');
      await page.locator(`.ask-image img[alt="${path}"]`).waitFor();
    }
    await page.getByText(/labelled images, each left out in turn/).waitFor();
    await accessible();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.setViewportSize({ width: 1280, height: 900 });

    const choices = page.getByRole('combobox', { name: /^Label of / });
    const paths = await page
      .locator('.suggestions canvas')
      .evaluateAll((all) => all.map((one) => one.getAttribute('title') ?? ''));
    expect(paths.length).toBeGreaterThan(5);
    await choices.first().selectOption('');
    for (const [index, name] of paths.entries()) if (index > 0) await choices.nth(index).selectOption(truthOf(name));
    await page.locator('h1').click();
    const [before = ''] = await page.locator('dd').allInnerTexts();
    await page.keyboard.press('Enter');
    await page.locator('dd').first().filter({ hasNotText: before }).waitFor();
    await page.getByRole('button', { name: 'Train a model' }).click();

    await page.getByRole('heading', { level: 1, name: 'Train on photos' }).waitFor();
    await page.getByText('Fast', { exact: true }).click();
    await page.getByText(/^About /).waitFor();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.getByText('photos@1 is published').waitFor({ timeout: 240_000 });
    expect(heard).toEqual([]);
  });

  test('a person finds images on a map, corrects doubtful labels, and finds what is alike or unknown', async () => {
    const { page, address, heard } = await open();
    const accessible = async () => expect(await violations(page)).toEqual([]);
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
    await accessible();
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
    await page.getByRole('button', { name: 'paper 25', exact: true }).click();
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
    await accessible();
    await page.keyboard.press('1');
    await page.getByRole('button', { name: 'glass 25', exact: true }).waitFor();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: 'paper 25', exact: true }).waitFor();

    await page.getByRole('link', { name: 'Doubtful labels' }).click();
    await page.getByText('The same picture has two labels.').waitFor();
    await accessible();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => classesOf(address, 'bins')).toEqual({ glass: 25, paper: 24 });
    await page.keyboard.press('z');
    await expect.poll(() => classesOf(address, 'bins')).toEqual({ glass: 24, paper: 25 });
    await page.getByText('The same picture has two labels.').waitFor();
    // Another look shows what was skipped.
    const done = page.getByText('All pairs are answered');
    while (!(await done.isVisible())) await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('The same picture has two labels.').waitFor();
    // A label whose request fails after its view was left is sent again.
    const isLeft = Promise.withResolvers<void>();
    const toLabels = (url: URL) => url.pathname.endsWith('/labels');
    await page.route(toLabels, (route) => isLeft.promise.then(() => route.fulfill({ status: 503 })), { times: 1 });
    await page.keyboard.press('ArrowLeft');

    await page.getByRole('link', { name: 'Unknown' }).click();
    await page.getByText('No image without a label is left to compare').waitFor();
    isLeft.resolve();
    await expect.poll(() => classesOf(address, 'bins'), { timeout: 20_000 }).toEqual({ glass: 25, paper: 24 });
    await accessible();
    await page.goto(`${address}/#/datasets/bins`);
    await page.locator('a.like').first().click();
    await page.getByRole('region', { name: /^Like glass\// }).waitFor();
    await page.getByText('0 of 48 chosen').waitFor();
    await accessible();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const view of ['similar', 'map', 'pairs', 'unknown']) {
      await page.goto(`${address}/#/datasets/bins/find?view=${view}`);
      await page.locator('.panel').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    }
    expect(heard.filter((line) => !/status of 503/.test(line))).toEqual([]);
  });

  test('the first load is small, and reaches no other address', async () => {
    const { page, address, heard } = await open();
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

  test('a failed upload says what is wrong, and a lost server is waited for', async () => {
    const { page, context, address, heard } = await open();
    await page.goto(`${address}/`);
    await page
      .locator('input[data-pick="files"]')
      .setInputFiles([
        { name: '<img src=x onerror=alert(1)>.jpg', mimeType: 'image/jpeg', buffer: readFileSync(join(root, 'README.md')) },
      ]);
    const upload = page.getByRole('button', { name: 'Upload 1 file' });
    await page.getByLabel('Class of the files without a folder').fill('<b>markup</b>');
    await upload.click();
    await page.getByRole('alert').getByText('TOO_MANY_REFUSED', { exact: true }).waitFor();
    expect(await page.locator('b, img[src="x"]').count()).toBe(0);
    await context.setOffline(true);
    await page.goto(`${address}/#/models`).catch(() => {});
    await page.getByText('Graft does not respond.').waitFor();
    await context.setOffline(false);
    await page.getByText('No models yet').waitFor();
    expect(heard.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line))).toEqual([]);
  });

  test('a file of 2 GB is refused before it is read', async () => {
    const { page, address, heard } = await open();
    const large = join(scratchFolder(), 'photos');
    mkdirSync(large);
    writeFileSync(join(large, 'large.jpg'), '');
    // Without blocks on the disk.
    truncateSync(join(large, 'large.jpg'), 2 ** 31);
    await page.goto(`${address}/`);
    await drop(page, [large]);
    await page.getByRole('button', { name: 'Upload 1 file' }).click();
    await page.getByText('large.jpg has 2.1 GB. The largest image may have 105 MB.').waitFor();
    expect(heard).toEqual([]);
  });

  test('a list of 10,000 images has few elements in the document, wherever it is scrolled to', async () => {
    const { page, context, address, heard } = await open();
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

  test('a zip is unpacked in the browser, and an upload goes on after a lost connection', async () => {
    const { page, context, address } = await open({ colorScheme: 'dark', width: 390 });
    const photos = ['metal', 'glass'].flatMap((label) => {
      const folder = join(photographs, label);
      const names = readdirSync(folder).slice(0, 12);
      return names.map((name) => ({ name: `bins/${label}/${name}`, bytes: readFileSync(join(folder, name)) }));
    });
    await page.goto(`${address}/`);
    const isUpload = (url: URL) => url.pathname.startsWith('/v1/uploads/');
    await context.route(isUpload, (route) => route.abort());
    await page
      .locator('input[data-pick="files"]')
      .setInputFiles([{ name: 'bins.zip', mimeType: 'application/zip', buffer: zipOf(photos) }]);
    await page.getByRole('button', { name: 'Upload 24 files' }).click();
    await page.getByText('API_UNREACHABLE').waitFor();
    expect(await violations(page)).toEqual([]);
    await context.unroute(isUpload);
    await page.getByRole('button', { name: 'Resume the upload' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    expect(await page.locator('dd').allInnerTexts()).toEqual(['24', '2', '0', expect.any(String)]);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(390);
  });

  test('graft console serves the page for an API elsewhere, and no other tab without its token', async () => {
    const { page, context, address } = await open({ token: 'secret-of-the-api' });
    const own = await startConsole({ GRAFT_API: address, GRAFT_API_TOKEN: 'secret-of-the-api' });
    await page.goto(own);
    await page.getByText('No data sets yet').waitFor();
    expect(page.url()).not.toContain('token');
    const [metal = ''] = readdirSync(join(photographs, 'metal'));
    const buffer = readFileSync(join(photographs, 'metal', metal));
    await page.locator('input[data-pick="files"]').setInputFiles([{ name: 'one.jpg', mimeType: 'image/jpeg', buffer }]);
    await page.getByLabel('Name of the data set').fill('bins');
    await page.getByRole('button', { name: 'Upload 1 file' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    const other = await context.newPage();
    await other.goto(new URL('/', own).href);
    await other.getByLabel('Token').waitFor();
  });

  test('a server with a token asks for it', async () => {
    const { page, address } = await open({ token: 'secret-of-this-test' });
    await page.goto(`${address}/#/models`);
    await page.getByLabel('Token').fill('another');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('That is not the token of this server.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Token').fill('secret-of-this-test');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('No models yet').waitFor();
    await page.reload();
    await page.getByText('No models yet').waitFor();
  });
});
