import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { findChromium } from '../../cli/chromium/find-chromium.ts';
import { predictInChromium } from '../../cli/chromium/predict-in-chromium.ts';
import { median, sumOf } from '../../lib/arithmetic.ts';
import { PrecisionCheck } from '../../lib/contracts/precision.ts';
import { UsageError } from '../../lib/errors.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import type { ExportedModel } from '../../lib/model-exports/exported-model.ts';
import { openPrecisionImages } from '../../lib/model-exports/precision-images.ts';
import { reducePrecision } from '../../lib/model-exports/reduce-precision.ts';
import { readCard } from '../../lib/models/model-package.ts';
import { readModel, resolveModel } from '../../lib/models/registry.ts';
import { readOnnx, readServedCard } from '../../lib/models/served-package.ts';
import { openSession } from '../../lib/onnx/session.ts';
import type { World } from '../../lib/ports.ts';
import type { Table } from './bench.ts';
import { graftCommand } from './graft-command.ts';
import { interleave } from './interleave.ts';
import { appendRow, readRows } from './table-rows.ts';

const SETS = ['ants-bees', 'trash', 'sign-digits', 'steel-defects', 'brain-mri', 'scenes-multilabel'];
const PRECISIONS = ['int8', 'float16'] as const;
/** One point: an export that loses more is refused. */
const MOST_LOSS = 0.01;
const ROUNDS = 30;
/** Pages for each model, their images, and those of them that warm up. */
const [CHROMIUM_PAGES, CHROMIUM_IMAGES, CHROMIUM_WARM_UP] = [3, 15, 3];

const Row = z.object({
  set: z.string(),
  check: PrecisionCheck,
  /** Of one image in Node.js, medians of interleaved runs. */
  milliseconds: z.number(),
  floatMilliseconds: z.number(),
  /** The same in WebAssembly in Chromium, on one thread. */
  chromium: z.object({ milliseconds: z.number(), floatMilliseconds: z.number() }),
});
type Row = z.infer<typeof Row>;

/** Measures what float16 and int8 cost and save on real data sets. */
export const quantization: Table = {
  name: 'quantization',
  about:
    'accuracy, size and speed of exports in int8 and float16 against float32, of models that `graft train --fast` makes of the ' +
    'sets in GRAFT_DATA; goes on where it was interrupted [--sets A,B] [--folder PATH]',
  async run(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { sets: text, folder: text } });
    const { GRAFT_DATA: data } = process.env;
    if (data === undefined)
      throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected: `a folder with ${SETS.join(', ')}` });
    const folder = resolve(values.folder ?? '.graft/quantization');
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'quantization.jsonl');
    const known = new Set((await readRows(file, Row)).map(({ set, check }) => `${set}/${check.precision}`));
    for (const set of values.sets?.split(',') ?? SETS) {
      const missing = PRECISIONS.filter((precision) => !known.has(`${set}/${precision}`));
      for (const precision of missing) {
        const row = await measure(set, precision, join(data, set), join(folder, 'data'));
        await appendRow(file, row);
        console.error(JSON.stringify(row));
      }
    }
    const rows = await readRows(file, Row);
    return { markdown: markdownOf(rows), json: rows };
  },
};

async function measure(set: string, precision: (typeof PRECISIONS)[number], dataset: string, directory: string): Promise<Row> {
  const world = openEmbeddedWorld(directory, () => {});
  try {
    const isTrained = await readModel(set, world.store).then(
      () => true,
      () => false,
    );
    if (!isTrained) {
      await graftCommand(
        z.looseObject({ version: z.int() }),
        ['train', '--dataset', dataset, '--name', set, '--fast', '--wait'],
        directory,
      );
    }
    const { model, card } = await readExported(set, world);
    const made = await reducePrecision(model, card, world.store, { precision, maxLoss: 1 });
    const { calibration } = await openPrecisionImages(card, world.store);
    const image = calibration[0] ?? new Float32Array();
    const [floatMilliseconds, milliseconds] = await time(model.onnx, made.onnx, image, card.input);
    const chromium = await timeInChromium(model.onnx, made.onnx, image, card.input);
    return Row.parse({ set, check: made.precision, milliseconds, floatMilliseconds, chromium });
  } finally {
    world.close();
  }
}

async function readExported(name: string, { store }: World) {
  const { version } = await resolveModel(name, store);
  const card = await readCard(version, store);
  const served = await readServedCard(version, store);
  if (served === undefined) throw new Error(`${version.package} has no card`);
  const model: ExportedModel = {
    name,
    version: version.version,
    card: served,
    cardJson: new Uint8Array(),
    onnx: await readOnnx(version.package, store),
    backbone: card.backbone,
  };
  return { model, card };
}

async function time(
  before: Uint8Array,
  after: Uint8Array,
  image: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<number[]> {
  const sessions = [await openSession(before), await openSession(after)];
  const times = await interleave(
    sessions.map((session) => () => session.run(image, [1, height, width, 3])),
    ROUNDS,
  );
  for (const session of sessions) await session.close();
  return times;
}

/** Runs each model in several pages, in turns, and leaves out the first images of a page. */
async function timeInChromium(
  before: Uint8Array,
  after: Uint8Array,
  image: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<Row['chromium']> {
  const images = Array.from({ length: CHROMIUM_IMAGES }, () => image);
  const times = { before: [] as number[], after: [] as number[] };
  for (let page = 0; page < CHROMIUM_PAGES; page++) {
    for (const [of, onnx] of [['before', before] as const, ['after', after] as const]) {
      const { milliseconds } = await predictInChromium(onnx, images, [height, width], { executable: findChromium(process.env) });
      times[of].push(...milliseconds.slice(CHROMIUM_WARM_UP));
    }
  }
  return { milliseconds: median(times.after), floatMilliseconds: median(times.before) };
}

function markdownOf(rows: readonly Row[]): string {
  const head = [
    'set, precision',
    'test images',
    'float32',
    'exported',
    'loss in points (95% interval)',
    'same label',
    'MB',
    'ms in Node.js, float32',
    'ms in Chromium, float32',
    'layers in float',
  ];
  // Not -0.0.
  const points = (share: number) => (Math.round(share * 1000) / 10 || 0).toFixed(1);
  const lines = rows.map(({ set, check, milliseconds, floatMilliseconds, chromium }) => [
    `${set}, ${check.precision}`,
    `${check.images}`,
    `${points(check.before)}%${check.metric === 'accuracy' ? '' : ' mAP'}`,
    `${points(check.after)}%`,
    `${points(check.loss)} (${points(check.interval.low)} to ${points(check.interval.high)})${check.loss > MOST_LOSS ? ', refused' : ''}`,
    `${points(check.sameLabel)}%`,
    (check.size / 1e6).toFixed(1),
    `${milliseconds.toFixed(1)}, ${floatMilliseconds.toFixed(1)}`,
    `${chromium.milliseconds.toFixed(1)}, ${chromium.floatMilliseconds.toFixed(1)}`,
    `${check.floatLayers?.length ?? ''}`,
  ]);
  const totals = PRECISIONS.map((precision) => {
    const own = rows.filter(({ check }) => check.precision === precision);
    const images = sumOf(own, ({ check }) => check.images);
    return `${precision}: the same label on ${points(sumOf(own, ({ check }) => check.sameLabel * check.images) / images)}% of ${images} images.`;
  });
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  return [...table, '', ...totals].join('\n');
}
