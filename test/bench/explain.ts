import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mean, median } from '../../lib/arithmetic.ts';
import { UsageError } from '../../lib/errors.ts';
import { fineTune } from '../../lib/library/fine-tune.ts';
import type { Model } from '../../lib/library/model.ts';
import { heatInOwnHalf, type JoinedImage, joinHalves } from '../support/models/joined-halves.ts';
import type { Table } from './bench.ts';
import { inScratch } from './scratch.ts';

const SETS = ['ants-bees', 'trash'];
/** The linear head that Graft fits first, and one with a hidden layer. */
const HEADS = {
  linear: { effort: 'fast' },
  mlp: { head: 'mlp', strategy: 'feature-extraction' },
} as const;
type Head = keyof typeof HEADS;

const IMAGES = 50;
/** Every fifth image is not trained on: its halves are joined. */
const HELD_OUT = 5;
const TIMED = 20;

interface Row {
  readonly set: string;
  readonly head: Head;
  readonly method: string;
  /** Mean share of the heat for a class in the half of that class. */
  readonly ownHalf: number;
  /** Share of explanations with more than half of the heat there. */
  readonly mostlyOwn: number;
  readonly predictMilliseconds: number;
  /** Beyond the prediction. */
  readonly explainMilliseconds: number;
}

/** Measures whether explanations point to the evidence, on images joined from halves of two classes. */
export const explain: Table = {
  name: 'explain',
  about:
    `share of the heat for a class in its own half, on ${IMAGES} images joined from halves of two classes of the sets in ` +
    'GRAFT_DATA, and the time beside a prediction [--sets A,B]',
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { sets: { type: 'string' } } });
    const { GRAFT_DATA: data } = process.env;
    if (data === undefined)
      throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected: `a folder with ${SETS.join(', ')}` });
    const rows: Row[] = [];
    for (const set of values.sets?.split(',') ?? SETS)
      for (const head of ['linear', 'mlp'] as const) rows.push(await measure(join(data, set), set, head));
    return { markdown: markdownOf(rows), json: rows };
  },
};

function measure(folder: string, set: string, head: Head): Promise<Row> {
  return inScratch(async (scratch) => {
    const heldOut = await holdOut(folder, join(scratch, set));
    const { model } = await fineTune({
      dataset: join(scratch, set),
      dataDirectory: join(scratch, 'data'),
      ...HEADS[head],
    });
    try {
      const images = await joinHalves(heldOut, IMAGES);
      const shares = await heatInOwnHalf(model, images);
      const [first] = images;
      const explained = first && (await model.predict(first.bytes, { explain: true }));
      const times = await time(model, images.slice(0, TIMED));
      return {
        set,
        head,
        method: explained?.explanation?.method ?? '',
        ownHalf: mean(shares),
        mostlyOwn: shares.filter((share) => share > 0.5).length / shares.length,
        ...times,
      };
    } finally {
      await model.close();
    }
  });
}

/** Copies the images to train on. @returns the others, by label */
async function holdOut(from: string, to: string): Promise<Map<string, string[]>> {
  const others = new Map<string, string[]>();
  for (const { name: label, isDirectory } of await readEntries(from)) {
    if (!isDirectory) continue;
    await mkdir(join(to, label), { recursive: true });
    const files = (await readdir(join(from, label))).sort();
    for (const [index, file] of files.entries()) {
      if (index % HELD_OUT === 0) others.set(label, [...(others.get(label) ?? []), join(from, label, file)]);
      else await copyFile(join(from, label, file), join(to, label, file));
    }
  }
  return others;
}

async function readEntries(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
}

async function time(model: Model, images: readonly JoinedImage[]) {
  const clock = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const predictions: number[] = [];
  const explanations: number[] = [];
  for (const { bytes } of images) {
    predictions.push(await clock(() => model.predict(bytes)));
    explanations.push(await clock(() => model.predict(bytes, { explain: true })));
  }
  const predictMilliseconds = median(predictions);
  return { predictMilliseconds, explainMilliseconds: median(explanations) - predictMilliseconds };
}

function markdownOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ set, head, method, ownHalf, mostlyOwn, predictMilliseconds, explainMilliseconds }) =>
      `| ${set} | ${head} | ${method} | ${percent(ownHalf)} | ${percent(mostlyOwn)} | ` +
      `${predictMilliseconds.toFixed(0)} ms | ${explainMilliseconds.toFixed(0)} ms |`,
  );
  return [
    '| data set | head | method | heat in own half | mostly in own half | a prediction | its explanation |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
