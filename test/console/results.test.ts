import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import type { LocalWorld } from '../../lib/local/embedded-world.ts';
import { picture } from '../support/api.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { expectAccessible, expectPhoneWidth, openConsolePage } from '../support/browser/console-page.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { importStored, uploadBytes } from '../support/datasets/upload.ts';
import { publishColours } from '../support/models/published-colours.ts';
import { publishScored } from '../support/models/scored-model.ts';

const TIMEOUT = { timeout: 120_000 };

/** `colours`, which tells red from blue; another data set of both; and three files, two of which are no images. */
async function prepareColours(world: LocalWorld): Promise<void> {
  const { store } = world;
  await publishColours(world);
  const pictures = ['crimson', 'royalblue'].flatMap((background) =>
    Array.from({ length: 6 }, async (_, i) => [`${background}/${i}.png`, await picture({ width: 50 + i, background })] as const),
  );
  const files = await uploadBytes(store, Object.fromEntries(await Promise.all(pictures)));
  await importStored({ name: 'others', files }, world);
  await store.put('inputs/mixed/a.png', await picture());
  for (const name of ['b.jpg', 'c.jpg']) await store.put(`inputs/mixed/${name}`, new TextEncoder().encode('no image'));
}

async function save(page: Page, click: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const started = page.waitForEvent('download');
  await click();
  const download = await started;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function ended(client: Client, id: string): Promise<void> {
  await expect.poll(async () => (await client.jobs.get(id)).state, TIMEOUT).toBe('SUCCEEDED');
}

describe.skipIf(findChromium() === undefined)('results and jobs of models in the console, in Chromium', () => {
  const browser = startChromium();

  test('a person evaluates a model on another data set, and gets its metrics', async () => {
    const { page, address, heard } = await openConsolePage(browser, { prepare: prepareColours });
    await page.goto(`${address}/#/models/colours`);
    const panel = page.getByRole('region', { name: 'Evaluate colours@1' });
    const datasets = panel.getByLabel('Data set');
    await datasets.waitFor();
    expect(await datasets.inputValue()).toBe('others');
    await datasets.selectOption('colours (trained on it)');
    await panel.getByText('so its metrics on them are too good').waitFor();
    await datasets.selectOption('others');
    await expectAccessible(page);
    await expectPhoneWidth(page);
    await panel.getByRole('button', { name: 'Copy as' }).click();
    await page.getByText('graft evaluate colours@1 --dataset others').waitFor();
    await page.keyboard.press('Escape');
    await panel.getByRole('button', { name: 'Evaluate' }).click();

    await page.getByRole('heading', { level: 1, name: 'Evaluation of colours@1' }).waitFor();
    await page.getByRole('link', { name: /^others@sha256-/ }).waitFor();
    const result = page.getByRole('region', { name: 'Result' });
    await result.waitFor(TIMEOUT);
    await page.getByRole('row', { name: /^royalblue 6 / }).waitFor();
    const { name, bytes } = await save(page, () => page.getByRole('button', { name: 'Download evaluation.json' }).click());
    expect(name).toBe('evaluation.json');
    const { metrics } = JSON.parse(bytes.toString());
    await result.getByText(`Accuracy${(metrics.accuracy * 100).toFixed(1)}%`, { exact: true }).waitFor();
    const metricsShown = await result.locator('dt').allInnerTexts();
    expect(metricsShown).toEqual(['Accuracy', 'Balanced accuracy', 'Macro F1', 'Expected calibration error']);
    await expectAccessible(page);
    await expectPhoneWidth(page);
    await page.getByRole('link', { name: 'colours@1' }).click();
    await page.getByRole('heading', { name: 'colours@1 in detail' }).waitFor();
    const jobs = page.getByRole('region', { name: 'Evaluations, batch predictions and exports' });
    await jobs.getByRole('link', { name: 'evaluation on others' }).waitFor();
    expect(heard).toEqual([]);
  });

  test('a person exports a model, and downloads the archive', async () => {
    const { page, context, address, heard } = await openConsolePage(browser, { prepare: prepareColours });
    await page.goto(`${address}/#/models/colours`);
    const panel = page.getByRole('region', { name: 'Export colours@1' });
    const [format, precision] = [panel.getByLabel('Format'), panel.getByLabel('Precision')];
    await format.selectOption('Keras');
    await panel.getByText('This format of this version has float32 only.').waitFor();
    expect(await precision.isDisabled()).toBe(true);
    await format.selectOption('ONNX');
    await precision.selectOption('int8');
    const send = panel.getByRole('button', { name: 'Export' });
    await panel.getByLabel('Largest loss, in points').fill('much');
    await panel.getByText('A number from 0 to 100, such as 1 or 0.5.').waitFor();
    expect(await send.isDisabled()).toBe(true);
    await panel.getByLabel('Largest loss, in points').fill('2');
    await expectAccessible(page);
    await panel.getByRole('button', { name: 'Copy as' }).click();
    await page.getByText('graft export colours@1 colours-1-onnx --to onnx --precision int8 --max-loss 0.02').waitFor();
    await page.keyboard.press('Escape');
    await precision.selectOption('float32');
    await send.click();

    await page.getByRole('heading', { level: 1, name: 'Export of colours@1' }).waitFor();
    const archive = page.getByRole('button', { name: 'Download colours-1-onnx.zip' });
    await archive.waitFor(TIMEOUT);
    const saved = await save(page, () => archive.click());
    expect(saved.name).toBe('colours-1-onnx.zip');
    expect(saved.bytes.toString('latin1')).toMatch(/^PK/);
    await page.getByText(/^\d+ files in the archive$/).click();
    await page.getByText('model.onnx').waitFor();
    await expectAccessible(page);
    await expectPhoneWidth(page);

    await page.getByRole('link', { name: 'colours@1' }).click();
    const jobs = page.getByRole('region', { name: 'Evaluations, batch predictions and exports' });
    await jobs.getByRole('link', { name: 'export as onnx' }).waitFor();
    expect((await save(page, () => archive.click())).bytes.length).toBe(saved.bytes.length);
    await context.route(
      (url) => url.pathname.endsWith('/files'),
      (route) => route.fulfill({ json: { files: [] } }),
    );
    await archive.click();
    await jobs.getByText('colours-1-onnx.zip is not stored any more.').waitFor();
    await expectPhoneWidth(page);
    expect(heard).toEqual([]);
  });

  test('a batch prediction says how many images failed, and has its files', async () => {
    const { page, address, heard } = await openConsolePage(browser, { prepare: prepareColours });
    const client = createClient(httpTransport(address));
    const { id } = await client.models.batchPredict('colours', { prefix: 'inputs/mixed/' });
    await ended(client, id);
    await page.goto(`${address}/#/jobs`);
    await page.getByRole('link', { name: 'colours@1 batch prediction on inputs/mixed/ 2 failed' }).click();
    await page.getByRole('heading', { level: 1, name: 'Batch prediction by colours@1' }).waitFor();
    await page.getByText('2 failed', { exact: true }).waitFor();
    await page.getByText('2 images could not be predicted.').waitFor();
    await expectAccessible(page);
    await expectPhoneWidth(page);
    const { bytes } = await save(page, () => page.getByRole('button', { name: 'Download 000000.jsonl' }).click());
    const lines = bytes.toString().trim().split('\n');
    expect(lines.map((line) => 'error' in JSON.parse(line))).toEqual([false, true, true]);
    await page.getByRole('region', { name: 'Result' }).getByRole('button', { name: 'Repeat as' }).click();
    await page.getByText('graft predict-batch colours@1 inputs/mixed/ --out colours-1.jsonl --top 5').waitFor();
    expect(heard).toEqual([]);
  });

  test('a second click while the first request is under way sends nothing, and a refused one leaves the focus on the button', async () => {
    const { page, context, address } = await openConsolePage(browser);
    const [id, createdAt] = ['job-zzzzzzzzz-0000000001', '2030-01-01T00:00:00.000Z'];
    const running = {
      id,
      state: 'RUNNING',
      createdAt,
      updatedAt: createdAt,
      attempt: 1,
      spec: JobSpec.parse({ name: 'sorter', dataset: 'bins' }),
      interim: { strategy: 'feature-extraction', images: 40, accuracy: 0.9 },
    };
    const [refused, accepted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let job: object = running;
    let sent = 0;
    await context.route(
      (url) => url.pathname.startsWith(`/v1/jobs/${id}`),
      async (route) => {
        const { pathname } = new URL(route.request().url());
        if (pathname.endsWith('/events')) return route.fulfill({ json: { events: [], next: '0.0.0', ended: false } });
        if (!pathname.endsWith('/finish')) return route.fulfill({ json: job });
        if (sent++ === 0) {
          await refused.promise;
          const json = { type: 'x', title: 'x', status: 409, detail: 'Not now.', code: 'IS_REFUSED' };
          return route.fulfill({ status: 409, json });
        }
        await accepted.promise;
        job = { ...running, finishRequested: createdAt };
        return route.fulfill({ json: job });
      },
    );
    await page.goto(`${address}/#/jobs/${id}`);
    const finish = page.getByRole('button', { name: 'Publish this now' });
    await finish.press('Enter');
    await expect.poll(() => finish.isDisabled()).toBe(true);
    refused.resolve();
    await page.getByText('IS_REFUSED').waitFor();
    // The button lost the focus when it was disabled.
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Publish this now');
    // Both clicks come before the page is drawn again.
    await page.evaluate("for (const _ of [1, 2]) document.querySelector('.interim > .row > .primary').click()");
    await page.getByText('IS_REFUSED').waitFor({ state: 'detached' });
    accepted.resolve();
    await page.getByRole('button', { name: 'Publishing…' }).waitFor();
    expect(sent).toBe(2);
  });

  test('a person sets the gate of an alias, and removes it', async () => {
    const { page, address } = await openConsolePage(browser, {
      prepare: async (world) => {
        for (const number of [1, 2])
          await publishScored(world, { labels: ['apple', 'birch'], number, seed: number, perClass: 12 });
      },
    });
    const client = createClient(httpTransport(address));
    await client.models.setAlias('scored', 'prod', { version: 1 });
    await page.goto(`${address}/#/models/scored`);
    const open = page.getByRole('button', { name: 'Gate of prod' });
    await open.click();
    const gate = page.getByRole('region', { name: 'Gate of prod' });
    const add = gate.getByRole('button', { name: 'Add rule' });
    await gate.getByLabel('Metric of the rule').selectOption('Recall');
    await gate.getByLabel('What the rule demands').selectOption('at least');
    await gate.getByLabel('Percent').fill('101');
    await gate.getByText('A number from 0 to 100, such as 90 or 2.5.').waitFor();
    expect(await add.isDisabled()).toBe(true);
    await gate.getByLabel('Percent').fill('100');
    await gate.getByRole('button', { name: 'Copy as' }).click();
    await page.getByText('graft gate scored:prod --set').waitFor();
    await page.keyboard.press('Escape');
    await add.click();
    await gate.getByText('The gate of prod has 1 rule.').waitFor();
    await gate.getByLabel('Metric of the rule').selectOption('Accuracy');
    await gate.getByLabel('What the rule demands').selectOption('no loss beyond chance');
    await add.click();
    await gate.getByText('The gate of prod has 2 rules.').waitFor();
    const rules = [
      { metric: 'recall', perClass: true, min: 1 },
      { metric: 'accuracy', maxLoss: 'interval' },
    ];
    expect((await client.models.getGate('scored', 'prod')).gate.rules).toEqual(rules);
    await expectAccessible(page);
    await expectPhoneWidth(page);

    await page.getByLabel('Promote version').selectOption({ index: 0 });
    await page.getByRole('button', { name: 'Promote', exact: true }).click();
    await page.getByText('GATE_FAILED').waitFor();
    for (const rule of ['Recall of each class: at least 100.00%', 'Accuracy: no loss beyond the 95% interval'])
      await gate.getByRole('button', { name: `Remove ${rule}` }).click();
    await gate.getByText('prod has no gate.').waitFor();
    expect((await client.models.getAlias('scored', 'prod')).gate).toBeUndefined();
    await open.click();
    await expect.poll(() => gate.count()).toBe(0);
  });

  test.each([
    { task: 'single-label', only: ['Balanced accuracy'] },
    { task: 'multi-label', only: ['Micro F1', 'Mean average precision'] },
    { task: 'one-class', only: [] },
  ] as const)('the gate of a $task model offers the metrics that the API takes', async ({ task, only }) => {
    const { page, context, address } = await openConsolePage(browser, {
      prepare: async (world) => void (await publishScored(world, { labels: ['apple', 'birch'], perClass: 12 })),
    });
    await createClient(httpTransport(address)).models.setAlias('scored', 'prod', { version: 1 });
    await context.route('**/v1/models/scored/versions/1', async (route) => {
      const details = await (await route.fetch()).json();
      await route.fulfill({ json: { ...details, card: { ...details.card, task } } });
    });
    await page.goto(`${address}/#/models/scored`);
    await page.getByRole('button', { name: 'Gate of prod' }).click();
    const offered = page.getByLabel('Metric of the rule').getByRole('option');
    await expect.poll(() => offered.allTextContents()).toContain('Accuracy');
    const ofOne = ['Balanced accuracy', 'Micro F1', 'Mean average precision'];
    expect((await offered.allTextContents()).filter((metric) => ofOne.includes(metric))).toEqual(only);
  });

  test('a photograph of more than 4 MB is sent as a smaller copy', async () => {
    const { page, context, address } = await openConsolePage(browser, { prepare: prepareColours });
    const sent: Buffer[] = [];
    await context.route(
      (url) => url.pathname.endsWith('/predict'),
      (route) => {
        sent.push(Buffer.from(route.request().postDataJSON().images[0].base64, 'base64'));
        const prediction = { image: 'image', labels: [{ label: 'crimson', probability: 0.9 }], abstained: false };
        return route.fulfill({ json: { model: 'colours', version: 1, predictions: [prediction] } });
      },
    );
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const buffer = await sharp({ create: { width: 2000, height: 1500, channels: 3, background: 'red', noise } })
      .png()
      .toBuffer();
    expect(buffer.length).toBeGreaterThan(4 * 2 ** 20);
    await page.goto(`${address}/#/try/colours`);
    const choose = page.locator('input[data-pick="files"]');
    await choose.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
    const endpoint = page.getByRole('region', { name: 'The endpoint' });
    await endpoint.getByText('so a copy of 1600 × 1200 pixels was predicted').waitFor();
    await expect.poll(() => sent.length).toBe(2);
    for (const bytes of sent) expect(bytes.length).toBeLessThanOrEqual(4 * 2 ** 20);
    expect(await sharp(sent[0]).metadata()).toMatchObject({ format: 'jpeg', width: 1600, height: 1200 });
    await expectAccessible(page);

    await choose.setInputFiles({ name: 'photo.heic', mimeType: 'image/heic', buffer: Buffer.alloc(5 * 2 ** 20, 1) });
    await endpoint.getByText('this browser cannot make it smaller').waitFor();
    expect(sent).toHaveLength(2);
  });
});
