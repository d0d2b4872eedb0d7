import { existsSync } from 'node:fs';
import { link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { z } from 'zod';
import { median } from '../../lib/arithmetic.ts';
import { randomStream } from '../../lib/random.ts';
import { launchChromium } from '../support/browser/chromium.ts';
import { startDevServer } from './attack/dev-server.ts';
import { machine, percentile, type Table } from './bench.ts';
import { firstLoad } from './console/first-load.ts';
import { labelInBatches } from './console/label-in-batches.ts';
import { scrollImages } from './console/scroll-images.ts';
import { graftCommand } from './graft-command.ts';
import { inScratch } from './scratch.ts';
import { workerEnded } from './worker-ended.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
/** Two kinds of rubbish. A person tells them apart by the names of the files. */
const KINDS = { container: ['glass', 'metal'], paper: ['cardboard', 'paper'] } as const;
/** Pixels of the pictures. */
const SIZE = { width: 320, height: 240 };
/** The share of a photograph's sides that a picture shows. */
const SHOWN = { least: 0.6, most: 0.95 };

/** Measures the console in Chromium: a long list of images, the labelling loop, and the first load. */
export const consolePage: Table = {
  name: 'console',
  about:
    'the console in Chromium: elements and the longest task while 10,000 images scroll by, milliseconds from a label to new ' +
    'suggestions with 5,000 images, and bytes of the first load [--images N] [--pool N] [--batches N] [--folder PATH]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        images: { type: 'string', default: '10000' },
        pool: { type: 'string', default: '5000' },
        batches: { type: 'string', default: '30' },
        folder: { type: 'string' },
      },
    });
    const sizes = { images: Number(values.images), pool: Number(values.pool), batches: Number(values.batches) };
    return values.folder === undefined ? inScratch((folder) => measure(folder, sizes)) : measure(resolve(values.folder), sizes);
  },
};

interface Sizes {
  readonly images: number;
  readonly pool: number;
  readonly batches: number;
}

async function measure(folder: string, sizes: Sizes) {
  const directory = join(folder, 'data');
  const pool = await prepare(folder, directory, sizes);
  await workerEnded(directory);
  const server = await startDevServer(directory);
  const browser = await launchChromium();
  try {
    const address = `http://${server.host}:${server.port}`;
    const load = await withPage(browser, (page) => firstLoad(page, address));
    console.error(JSON.stringify({ load }));
    const scrolled = await withPage(browser, (page) => scrollImages(browser, page, `${address}/#/datasets/many`));
    console.error(JSON.stringify({ scrolled }));
    const truthOf = (path: string) => (path.startsWith('container') ? '1' : '2');
    const milliseconds = await withPage(browser, (page) =>
      labelInBatches(page, `${address}/#/datasets/${pool}/label`, {
        classes: Object.keys(KINDS),
        keyOf: truthOf,
        batches: sizes.batches,
      }),
    );
    const labelled = { batches: milliseconds.length, p50: median(milliseconds), p95: percentile(milliseconds, 0.95) };
    const rows = [
      ['elements in the document, at most', `${scrolled.elements}`, '2,000'],
      ['longest task while scrolling', `${Math.round(scrolled.longestTask.milliseconds)} ms`, '200 ms'],
      ['most CPU time of a task while scrolling', `${Math.round(scrolled.longestTask.cpuMilliseconds)} ms`, ''],
      [`label to new suggestions, median of ${labelled.batches}`, `${Math.round(labelled.p50)} ms`, ''],
      ['label to new suggestions, 95th percentile', `${Math.round(labelled.p95)} ms`, '1,000 ms'],
      ['first load', `${(load.bytes / 1000).toFixed(1)} kB`, '200 kB'],
    ];
    const head = ['| what | measured | limit |', '| --- | --- | --- |'];
    const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
    return {
      markdown: [...head, ...lines].join('\n'),
      json: { ...sizes, scrolled, labelled: { ...labelled, milliseconds }, load, browser: browser.version(), machine: machine() },
    };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/**
 * Draws the pictures and imports them: `many` with labels, and some without, which no earlier run has labelled. A folder
 * that has them is used again.
 * @returns the name of the data set without labels
 */
async function prepare(folder: string, directory: string, { images, pool }: Sizes): Promise<string> {
  const pictures = join(folder, `pictures-${images}`);
  if (!existsSync(pictures)) await drawPictures(pictures, images);
  const unlabelled = join(folder, `pool-${pool}`);
  if (!existsSync(unlabelled)) {
    await mkdir(unlabelled, { recursive: true });
    const names = (await readdir(pictures, { recursive: true })).filter((name) => name.endsWith('.jpg')).sort();
    const chosen = randomStream(0, 'pool').shuffle(names).slice(0, pool);
    for (const name of chosen) await link(join(pictures, name), join(unlabelled, name.replaceAll('/', '-')));
  }
  const name = `pool-${Date.now()}`;
  for (const [dataset, path] of Object.entries({ many: pictures, [name]: unlabelled })) {
    console.error(`import ${dataset}`);
    await graftCommand(z.looseObject({ accepted: z.int() }), ['upload', path, '--name', dataset], directory);
  }
  return name;
}

/** Draws pictures that are parts of the bundled photographs: each is different, and none is a near duplicate. */
async function drawPictures(folder: string, count: number): Promise<void> {
  const photographs = (
    await Promise.all(
      Object.entries(KINDS).map(async ([kind, materials]) => {
        await mkdir(join(folder, kind), { recursive: true });
        const lists = await Promise.all(
          materials.map(async (material) => (await readdir(join(sample, material))).map((name) => join(sample, material, name))),
        );
        return lists.flat().map((path) => ({ kind, path }));
      }),
    )
  ).flat();
  for (let index = 0; index < count; index++) {
    const photograph = photographs[index % photographs.length];
    if (photograph === undefined) continue;
    const random = randomStream(index, 'pictures');
    const { width, height } = await sharp(photograph.path).metadata();
    const share = SHOWN.least + random.next() * (SHOWN.most - SHOWN.least);
    const [cutWidth, cutHeight] = [Math.floor(width * share), Math.floor(height * share)];
    const left = random.integer(width - cutWidth + 1);
    const top = random.integer(height - cutHeight + 1);
    const cut = sharp(photograph.path).extract({ left, top, width: cutWidth, height: cutHeight });
    const picture = random.integer(2) === 0 ? cut.flop() : cut;
    const bytes = await picture.resize(SIZE.width, SIZE.height, { fit: 'fill' }).jpeg({ quality: 80 }).toBuffer();
    await writeFile(join(folder, photograph.kind, `${String(index).padStart(6, '0')}.jpg`), bytes);
  }
}

/** A page of its own, without what an earlier one has cached. */
async function withPage<Result>(browser: Browser, use: (page: Page) => Promise<Result>): Promise<Result> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}
