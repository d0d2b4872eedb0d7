/**
 * `node test/console/scripts/take-screenshots.ts FOLDER [--only NAME,NAME] [--docs]` takes pictures of every page of the
 * console, light and dark, wide and on a phone. FOLDER also keeps the data between runs. With --docs it also makes the
 * pictures of README and docs.
 */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { z } from 'zod';
import { createClient } from '../../../lib/client/client.ts';
import { httpTransport } from '../../../lib/client/transport.ts';
import { type AnyJob, isTraining } from '../../../lib/contracts/job.ts';
import { startDevServer } from '../../bench/attack/dev-server.ts';
import { graftCommand } from '../../bench/graft-command.ts';
import { workerEnded } from '../../bench/worker-ended.ts';
import { launchChromium } from '../../support/browser/chromium.ts';
import { dropOnPage } from '../../support/browser/drop-on-page.ts';
import { root } from '../../support/docs/pages.ts';

const photographs = join(root, 'assets/sample-trashnet');
const unseen = join(root, 'assets/sample-trashnet-unseen/metal.jpg');
const SIZES = { wide: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;
const THEMES = ['light', 'dark'] as const;
const DENSE = { deviceScaleFactor: 1.5, reducedMotion: 'reduce' } as const;
/** In which thumbnails are drawn. */
const SETTLE_MS = 300;
/** Pictures of docs: the pages that they show, and the theme of each. */
const DOCS = { dataset: 'light', label: 'light', map: 'light', model: 'dark', try: 'light' } as const;
/** A document that is no error. */
const Done = z.looseObject({ error: z.undefined().optional() });
/** Photographs that have a label. */
const LABELLED = 60;

interface Shot {
  readonly name: string;
  /** Behind `#/`. */
  readonly place: string;
  /** On the server without data. */
  readonly isEmpty?: boolean;
  /** Brings the page into the state that is pictured. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
const shownImages = (selector: string) => async (page: Page) => {
  await page.locator(selector).first().waitFor({ timeout: 120_000 });
  await page.waitForLoadState('networkidle');
};

function shotsOf({ fineTuning, other, evaluation, batch }: Prepared): Shot[] {
  return [
    { name: 'empty-datasets', place: '', isEmpty: true, ready: heading('No data sets yet') },
    { name: 'empty-jobs', place: 'jobs', isEmpty: true, ready: heading('No jobs yet') },
    { name: 'empty-models', place: 'models', isEmpty: true, ready: heading('No models yet') },
    { name: 'empty-try', place: 'try', isEmpty: true, ready: heading('No models yet') },
    { name: 'empty-train', place: 'train', isEmpty: true, ready: heading('Nothing to train on yet') },
    {
      name: 'upload',
      place: '',
      isEmpty: true,
      async ready(page) {
        await page.getByText('No data sets yet').waitFor();
        await dropOnPage(page, [photographs]);
        await page.locator('img.thumb').nth(7).waitFor();
      },
    },
    { name: 'datasets', place: 'datasets', ready: (page) => page.getByRole('link', { name: /^trash/ }).waitFor() },
    { name: 'dataset', place: 'datasets/trash', ready: shownImages('.image-grid canvas') },
    { name: 'dataset-unlabelled', place: 'datasets/photos', ready: shownImages('.image-grid canvas') },
    { name: 'label', place: 'datasets/photos/label', ready: shownImages('.suggestions canvas') },
    {
      name: 'map',
      place: 'datasets/trash/find?view=map',
      async ready(page) {
        await page.getByRole('application').waitFor({ timeout: 120_000 });
        await page.getByRole('button', { name: 'metal 60' }).click();
        await shownImages('.choose canvas')(page);
      },
    },
    { name: 'pairs', place: 'datasets/trash/find?view=pairs', ready: shownImages('.pair img, .empty') },
    { name: 'unknown', place: 'datasets/photos/find?view=unknown', ready: shownImages('.choose canvas') },
    {
      name: 'similar',
      place: 'datasets/trash',
      async ready(page) {
        await page.locator('a.like').nth(4).click();
        await shownImages('.choose canvas')(page);
      },
    },
    { name: 'train', place: 'train?dataset=trash', ready: (page) => page.getByText(/^About /).waitFor() },
    {
      name: 'train-more',
      place: 'train?dataset=trash',
      async ready(page) {
        await page.getByText(/^Backbone \(/).click();
        await page.getByRole('radio', { name: 'efficientnet_lite0' }).waitFor();
        await page.getByText(/^About /).waitFor();
      },
    },
    { name: 'jobs', place: 'jobs', ready: (page) => page.getByText('Succeeded').first().waitFor() },
    { name: 'job', place: `jobs/${fineTuning}`, ready: heading(/ is published$/) },
    { name: 'jobs-beside', place: `jobs/${fineTuning}?beside=${other}`, ready: heading(/ is published$/) },
    { name: 'job-evaluation', place: `jobs/${evaluation}`, ready: heading('Files') },
    { name: 'job-batch', place: `jobs/${batch}`, ready: heading('Files') },
    { name: 'models', place: 'models', ready: (page) => page.getByRole('link', { name: /^trash/ }).waitFor() },
    { name: 'model', place: 'models/trash', ready: heading('Retention') },
    {
      name: 'model-retention',
      place: 'models/trash',
      async ready(page) {
        await page.getByLabel('Newest versions that stay').fill('1');
        await page.getByLabel('Days that every version stays').fill('0');
        await page.getByRole('button', { name: 'Show what would go' }).click();
        await page.getByText('Would be removed').waitFor();
      },
    },
    { name: 'look', place: 'models/trash/look?version=2&label=plastic&threshold=60', ready: shownImages('.evidence img') },
    { name: 'look-numbers', place: 'models/trash/look?version=2&view=numbers', ready: heading('Left out') },
    { name: 'compare', place: 'models/trash/compare?before=1&after=2', ready: heading('Changed predictions') },
    { name: 'try', place: 'try/trash@1', ready: predict },
    {
      name: 'copy',
      place: 'models/trash',
      async ready(page) {
        await page.getByRole('button', { name: 'Copy as' }).first().click();
        await page.getByRole('dialog').waitFor();
      },
    },
    { name: 'problem', place: 'models/nobody', ready: (page) => page.getByRole('alert').waitFor() },
    {
      name: 'lost',
      place: 'models',
      async ready(page) {
        await page.context().setOffline(true);
        await page.goto(`${new URL(page.url()).origin}/#/jobs`);
        await page.getByText('Graft does not respond.').waitFor();
      },
    },
    {
      name: 'token',
      place: 'models',
      async ready(page) {
        await page.route('**/v1/**', (route) => route.fulfill({ status: 401, json: {} }));
        await page.reload();
        await page.getByLabel('Token').waitFor();
      },
    },
  ];
}

async function predict(page: Page): Promise<void> {
  await page.locator('input[data-pick="files"]').setInputFiles(unseen);
  await page.getByText(/^Show the evidence for /).waitFor();
  await page.getByRole('button', { name: 'Load the model' }).click();
  await page.getByRole('region', { name: 'In this browser' }).locator('li').first().waitFor({ timeout: 60_000 });
}

/** Ids of jobs: a fine-tuning, another training, an evaluation and a batch prediction. */
interface Prepared {
  readonly fineTuning: string;
  readonly other: string;
  readonly evaluation: string;
  readonly batch: string;
}

/** Trains two versions, and imports photographs without labels. */
async function prepare(folder: string, directory: string): Promise<void> {
  const train = (flags: readonly string[]) =>
    graftCommand(Done, ['train', '--dataset', 'trash', '--name', 'trash', ...flags, '--wait'], directory);
  await graftCommand(Done, ['upload', photographs, '--name', 'trash'], directory);
  const { jobs } = await graftCommand(z.looseObject({ jobs: z.array(z.unknown()) }), ['jobs'], directory);
  if (jobs.length > 0) return;
  await train(['--effort', 'fast']);
  await train(['--strategy', 'fine-tune-top', '--input-size', '96', '--epochs', '6']);
  for (const version of [1, 2]) await graftCommand(Done, ['promote', `trash@${version}`, 'prod'], directory);
  await graftCommand(Done, ['evaluate', 'trash@1', '--dataset', 'trash'], directory);
  await graftCommand(Done, ['predict-batch', 'trash@1', 'trash', '--out', join(folder, 'trash.jsonl')], directory);
  const pool = join(folder, 'photos');
  await mkdir(pool, { recursive: true });
  for (const material of ['glass', 'metal', 'cardboard', 'paper'])
    for (const name of (await readdir(join(photographs, material))).slice(0, 50))
      await copyFile(join(photographs, material, name), join(pool, name));
  await graftCommand(Done, ['upload', pool, '--name', 'photos'], directory);
}

/** Labels some photographs as a person does, so that there are suggestions, and finds the jobs. */
async function completed(address: string): Promise<Prepared> {
  const client = createClient(httpTransport(address));
  for (;;) {
    const { state, labelled, next } = await client.datasets.suggestions('photos', { next: 20 });
    if (labelled >= LABELLED) break;
    const labelOf = (path: string) => (/^(?:glass|metal)/.test(path) ? 'container' : 'paper');
    if (state === 'preparing') await wait(500);
    else
      await client.datasets.setLabels('photos', { labels: next.map(({ path }) => ({ image: path, labels: [labelOf(path)] })) });
  }
  const { jobs } = await client.jobs.list();
  const idsOf = (fits: (job: AnyJob) => boolean) =>
    jobs.filter((job) => job.state === 'SUCCEEDED' && fits(job)).map(({ id }) => id);
  const [fineTuning = '', other = ''] = idsOf(isTraining);
  const [evaluation = ''] = idsOf(({ kind }) => kind === 'evaluate');
  const [batch = ''] = idsOf(({ kind }) => kind === 'batch-predict');
  return { fineTuning, other, evaluation, batch };
}

async function shoot(browser: Browser, address: string, folder: string, shot: Shot): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    const context = await browser.newContext({ ...DENSE, viewport });
    const page = await context.newPage();
    await page.goto(`${address}/#/${shot.place}`);
    await shot.ready(page);
    await page.waitForTimeout(SETTLE_MS);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${shot.name}-${size}-${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
}

/** The pictures of docs: wide pages, without what is below the window. */
async function shootForDocs(browser: Browser, address: string, shots: readonly Shot[]): Promise<void> {
  for (const [name, colorScheme] of Object.entries(DOCS)) {
    const shot = shots.find((each) => each.name === name);
    if (shot === undefined) continue;
    const context = await browser.newContext({ ...DENSE, viewport: SIZES.wide, colorScheme });
    const page = await context.newPage();
    await page.goto(`${address}/#/${shot.place}`);
    await shot.ready(page);
    await page.waitForTimeout(SETTLE_MS);
    await page.evaluate('window.scrollTo(0, 0)');
    const picture = await sharp(await page.screenshot())
      .webp({ quality: 82 })
      .toBuffer();
    await writeFile(join(root, `docs/images/console-${name}.webp`), picture);
    await context.close();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, docs: { type: 'boolean', default: false } },
});
const folder = resolve(positionals[0] ?? 'screenshots');
const directory = join(folder, 'data');
await mkdir(folder, { recursive: true });
await prepare(folder, directory);
await workerEnded(directory);
const [server, empty] = [await startDevServer(directory), await startDevServer(join(folder, 'empty'))];
const browser = await launchChromium();
try {
  const addressOf = ({ host, port }: typeof server) => `http://${host}:${port}`;
  const shots = shotsOf(await completed(addressOf(server)));
  const only = values.only?.split(',');
  for (const shot of shots)
    if (only === undefined || only.includes(shot.name))
      await shoot(browser, addressOf(shot.isEmpty ? empty : server), folder, shot);
  if (values.docs) await shootForDocs(browser, addressOf(server), shots);
} finally {
  await browser.close();
  await server.stop();
  await empty.stop();
}
