import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { openConsolePage } from '../support/browser/console-page.ts';
import { dropOnPage } from '../support/browser/drop-on-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { zipOf } from '../support/datasets/archives.ts';
import { root } from '../support/docs/pages.ts';
import { scratchFolder } from '../support/graft.ts';

const photographs = join(root, 'assets/sample-trashnet');
const unseen = join(root, 'assets/sample-trashnet-unseen/metal.jpg');
/** Labels of two classes, and the start of a file name, that would run a script where they were taken for markup. */
const MARKUP = {
  glass: '<img src=x onerror=window.hasRun=1>',
  paper: '"><svg onload=window.hasRun=1>',
  file: '<script>window.hasRun=1<',
};
/** A name that leads to this machine, as one whose owner changes its address does. */
const REBOUND = 'rebound.example';
/** Bytes that a page may read of a file before it refuses it: those in which a zip may end. */
const MOST_READ = 2 ** 21;

/** Photographs of two classes whose labels and file names are markup. */
function hostileZip(): Buffer {
  return zipOf(
    (['glass', 'paper'] as const).flatMap((material) =>
      readdirSync(join(photographs, material))
        .slice(0, 14)
        .map((name) => ({
          name: `bins/${MARKUP[material]}/${MARKUP.file}${name}`,
          bytes: readFileSync(join(photographs, material, name)),
        })),
    ),
  );
}

async function dropZip(page: Page, entries: Buffer): Promise<void> {
  const files = [{ name: 'bins.zip', mimeType: 'application/zip', buffer: entries }];
  await page.locator('input[data-pick="files"]').setInputFiles(files);
}

/** A file without blocks on the disk. @returns its folder */
function sparseFile(name: string, bytes: number): string {
  const folder = join(scratchFolder(), 'photos');
  mkdirSync(folder);
  writeFileSync(join(folder, name), '');
  truncateSync(join(folder, name), bytes);
  return folder;
}

/** Counts the bytes that the page reads of files, in the largest piece. */
async function countReads(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(`
    window.largestRead = 0;
    for (const name of ['arrayBuffer', 'text', 'bytes', 'stream']) {
      const read = Blob.prototype[name];
      if (read === undefined) continue;
      Blob.prototype[name] = function () {
        window.largestRead = Math.max(window.largestRead, this.size);
        return read.call(this);
      };
    }
    const { readAsArrayBuffer } = FileReader.prototype;
    FileReader.prototype.readAsArrayBuffer = function (blob) {
      window.largestRead = Math.max(window.largestRead, blob.size);
      return readAsArrayBuffer.call(this, blob);
    };`);
  return async () => Number(await page.evaluate('window.largestRead'));
}

/** A page of another origin that tries what such a page can try. @returns its address */
async function hostilePage(target: string): Promise<string> {
  const body = `<!doctype html><title>other</title>
    <iframe name="frame" src="${target}/"></iframe>
    <form action="${target}/v1/datasets" method="post" enctype="text/plain" target="frame">
      <input name='{"name":"evil","x":"' value='"}'>
    </form>
    <script src="${target}/v1/datasets"></script>
    <img src="${target}/v1/models">`;
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}/`;
}

describe.skipIf(findChromium() === undefined)('the console under attack, in Chromium', () => {
  const browser = startChromium([`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);

  test('markup in labels and names of files is text on every page', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    page.setDefaultTimeout(60_000);
    const client = createClient(httpTransport(address));
    const expectText = async () => {
      expect(await page.locator('img[src="x"], svg[onload], main script').count()).toBe(0);
      expect(await page.evaluate('window.hasRun')).toBeUndefined();
    };
    await page.goto(`${address}/`);
    await dropZip(page, hostileZip());
    await page.getByText(MARKUP.glass).first().waitFor();
    await expectText();
    await page.getByRole('button', { name: 'Upload 28 files' }).click();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    await page
      .getByRole('img', { name: `${MARKUP.paper}/${MARKUP.file}` })
      .first()
      .waitFor();
    await expectText();

    await page.goto(`${address}/#/datasets/bins/find?view=map`);
    await page.getByRole('application').waitFor();
    await page.getByRole('button', { name: `${MARKUP.glass} 14` }).click();
    await page.getByText('14 of 14 chosen').waitFor();
    await expectText();

    await page.goto(`${address}/#/train?dataset=bins`);
    await page.getByLabel('Name of the model').fill('<b>bins</b>');
    expect(await page.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true);
    await expect(client.jobs.submit({ name: '<b>bins</b>', dataset: 'bins' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      at: 'name',
    });
    const { id } = await client.jobs.submit({ name: 'bins', dataset: 'bins', effort: 'fast' });
    await page.goto(`${address}/#/jobs/${id}`);
    await page.getByText('bins@1 is published').waitFor({ timeout: 120_000 });
    await expectText();
    await page.goto(`${address}/#/models/bins`);
    await page.getByRole('region', { name: 'bins@1 in detail' }).getByText(MARKUP.glass).waitFor();
    await expectText();
    await page.goto(`${address}/#/try/bins`);
    await page.locator('input[data-pick="files"]').setInputFiles(unseen);
    await page.getByRole('region', { name: 'The endpoint' }).getByText(MARKUP.glass, { exact: true }).waitFor();
    await expectText();
    expect(heard).toEqual([]);
  });

  test('a file that is no image is named as it is called, and imports nothing', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    await page.goto(`${address}/`);
    const buffer = readFileSync(join(root, 'README.md'));
    const files = [{ name: '<img src=x onerror=alert(1)>.jpg', mimeType: 'image/jpeg', buffer }];
    await page.locator('input[data-pick="files"]').setInputFiles(files);
    const label = page.getByLabel('Class of the images without a folder');
    const upload = page.getByRole('button', { name: 'Upload 1 file' });
    await label.fill('<b>markup</b>');
    expect(await upload.isDisabled()).toBe(true);
    await label.fill('<b>markup');
    await upload.click();
    await page.getByRole('alert').getByText('TOO_MANY_REFUSED', { exact: true }).waitFor();
    expect(await page.locator('b, img[src="x"]').count()).toBe(0);
    expect((await createClient(httpTransport(address)).datasets.list()).datasets).toEqual([]);
    expect(heard).toEqual([]);
  });

  test('a zip with a path that would leave its folder is refused', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    const bytes = readFileSync(unseen);
    await page.goto(`${address}/`);
    for (const name of ['bins/../../../outside.jpg', '/outside.jpg', 'bins\\..\\..\\outside.jpg', 'C:\\outside.jpg']) {
      await dropZip(
        page,
        zipOf([
          { name: 'bins/metal/1.jpg', bytes },
          { name, bytes },
        ]),
      );
      await page.getByText(`bins.zip cannot be read as a zip: Unsafe filename: ${name}.`).waitFor();
      expect(await page.getByRole('heading', { name: 'Upload images' }).count()).toBe(0);
    }
    expect(heard).toEqual([]);
  });

  test('names and addresses that would lead elsewhere lead nowhere', async () => {
    const { page, context, address } = await openConsolePage(browser);
    const asked: string[] = [];
    context.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${address}/`);
    await page.locator('input[data-pick="files"]').setInputFiles(unseen);
    for (const name of ['../../etc', '..', '/etc', 'a/b', 'a\\b', '%2e%2e', '__proto__']) {
      await page.getByLabel('Name of the data set').fill(name);
      expect(await page.getByRole('button', { name: 'Upload 1 file' }).isDisabled(), name).toBe(true);
    }
    const outside = '..%2F..%2Fopenapi.json';
    for (const place of [`datasets/${outside}`, `jobs/${outside}`, `models/${outside}`, `datasets/${outside}/label`]) {
      await page.goto(`${address}/#/${place}`);
      await page.getByRole('alert').first().waitFor();
    }
    expect(asked.filter((path) => path.includes('openapi.json') && !path.includes(outside))).toEqual([]);
    expect(asked.filter((path) => path.includes(outside)).length).toBeGreaterThan(3);
  });

  test('a page of another origin can neither read, post nor frame', async () => {
    const { context, address } = await openConsolePage(browser);
    const other = await context.newPage();
    const posted: number[] = [];
    other.on('response', (response) => {
      if (response.request().method() === 'POST') posted.push(response.status());
    });
    await other.goto(await hostilePage(address));
    const outcomes = await other.evaluate(
      `Promise.all([
        fetch('${address}/v1/datasets'),
        fetch('${address}/v1/datasets', { method: 'POST', mode: 'no-cors', body: '{"name":"evil"}' }).then((r) => r.type),
        fetch('${address}/v1/datasets', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"evil"}' }),
      ].map((each) => each.catch(() => 'refused')))`,
    );
    // The page sees nothing of an opaque response, such as that it was refused, too.
    expect(outcomes).toEqual(['refused', 'opaque', 'refused']);
    expect(await other.frame('frame')?.locator('.shell').count()).toBe(0);
    await other.evaluate('document.forms[0].submit()');
    // The request with JSON was not even sent: its preflight was refused.
    await expect.poll(() => posted).toEqual([403, 403]);
  });

  test('a name that leads to this machine is not answered, though its origin is its host', async () => {
    const { page, address } = await openConsolePage(browser);
    const rebound = `http://${REBOUND}:${new URL(address).port}`;
    expect((await page.goto(`${rebound}/`))?.status()).toBe(421);
    for (const method of ['GET', 'POST'])
      expect(await page.evaluate(`fetch('/v1/datasets', { method: '${method}' }).then((r) => r.status)`), method).toBe(421);
  });

  test('an image of 2 GB is refused before it is read, and of a zip of 2 GB only the end is read', async () => {
    const { page, address, heard } = await openConsolePage(browser);
    const largestRead = await countReads(page);
    await page.goto(`${address}/`);
    await dropOnPage(page, [sparseFile('large.jpg', 2 ** 31)]);
    await page.getByRole('button', { name: 'Upload 1 file' }).click();
    await page.getByText('expected at most 67.1 MB, received 2.1 GB.').waitFor();
    expect(await largestRead()).toBeLessThan(MOST_READ);
    await page.goto(`${address}/#/datasets`);
    await dropOnPage(page, [sparseFile('large.zip', 2 ** 31)]);
    await page.getByText(/^large\.zip cannot be read as a zip: /).waitFor();
    expect(await largestRead()).toBeLessThan(MOST_READ);
    expect(heard).toEqual([]);
  });

  test('a zip whose image unpacks to more than it announces is not sent', async () => {
    const { page, address } = await openConsolePage(browser);
    await page.goto(`${address}/`);
    await dropZip(page, zipOf([{ name: 'bins/metal/1.jpg', bytes: Buffer.alloc(50_000_000), announcedSize: 1_000 }]));
    await page.getByRole('button', { name: 'Upload 1 file' }).click();
    await page.getByText('Invalid uncompressed size').waitFor();
    expect((await createClient(httpTransport(address)).datasets.list()).datasets).toEqual([]);
  });
});
