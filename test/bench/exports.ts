import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { findChromium } from '../../cli/chromium/find-chromium.ts';
import { predictInChromium } from '../../cli/chromium/predict-in-chromium.ts';
import { argMax } from '../../lib/arithmetic.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../lib/model-exports/exported-model.ts';
import { openPrecisionImages } from '../../lib/model-exports/precision-images.ts';
import { readExportedModel } from '../../lib/model-exports/read-exported-model.ts';
import { readCard } from '../../lib/models/model-package.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import { runAtOnce } from '../../lib/onnx/run-images.ts';
import { openSession } from '../../lib/onnx/session.ts';
import type { World } from '../../lib/ports.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import type { Table } from './bench.ts';
import { keras } from './keras/run-keras.ts';
import { inScratch } from './scratch.ts';

const SETS = ['trash', 'scenes-multilabel'];

/** Compares the probabilities of exports in each runtime with those of onnxruntime-node, from the same pixels. */
export const exportedEverywhere: Table = {
  name: 'exports',
  about:
    'the probabilities of exports in onnxruntime-web in Chromium, TF.js and Keras against onnxruntime-node, on all test images, ' +
    'with the models of the benchmark quantization [--sets A,B] [--folder PATH]',
  async run(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { sets: text, folder: text } });
    const folder = resolve(values.folder ?? '.graft/quantization', 'data');
    await mkdir(folder, { recursive: true });
    const world = openEmbeddedWorld(folder, () => {});
    const rows: Row[] = [];
    try {
      for (const set of values.sets?.split(',') ?? SETS) rows.push(...(await compare(set, world)));
    } finally {
      world.close();
    }
    return { markdown: markdownOf(rows), json: rows };
  },
};

interface Row {
  readonly set: string;
  readonly runtime: string;
  /** Number of test images, and of those with the same most probable label as in onnxruntime-node. */
  readonly images: number;
  readonly sameLabel: number;
  /** Of all probabilities. */
  readonly largestDifference: number;
}

type Probabilities = readonly (readonly number[])[];
type Size = readonly [height: number, width: number];

async function compare(set: string, world: World): Promise<Row[]> {
  const { store } = world;
  const found = await resolveModel(set, store);
  const read = async (name: string) => (await store.get(`${found.version.package}${name}`))?.body;
  const model = await readExportedModel(found, read);
  const { test } = await openPrecisionImages(await readCard(found.version, store), store);
  const images: Float32Array[] = [];
  for await (const image of test) images.push(image);
  const size = [model.card.input.height, model.card.input.width] as const;
  const expected = await inNode(model, images, size);
  const runtimes: Record<string, () => Promise<Probabilities>> = {
    'onnxruntime-web in Chromium': async () =>
      (await predictInChromium(model.onnx, images, size, { executable: findChromium(process.env), timeoutMs: 1_200_000 }))
        .probabilities,
    'TF.js in Node.js': () => inTfjs(model, images, size),
    Keras: () => inKeras(model, images, size),
  };
  const rows: Row[] = [];
  for (const [runtime, predict] of Object.entries(runtimes)) {
    const received = await predict();
    rows.push({ set, runtime, images: images.length, ...difference(expected, received) });
    console.error(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

function difference(expected: Probabilities, received: Probabilities): Pick<Row, 'sameLabel' | 'largestDifference'> {
  const pairs = expected.map((row, i) => [row, received[i] ?? []] as const);
  return {
    sameLabel: pairs.filter(([a, b]) => argMax(a) === argMax(b)).length,
    largestDifference: Math.max(...pairs.flatMap(([a, b]) => a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))))),
  };
}

async function inNode({ onnx }: ExportedModel, images: readonly Float32Array[], size: Size): Promise<Probabilities> {
  const session = await openSession(onnx);
  const rows: number[][] = [];
  for (const image of images) rows.push([...(await runAtOnce(session, [image], size)).data]);
  await session.close();
  return rows;
}

const Topology = z.looseObject({
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(z.unknown()) })),
});

/** With TF.js on WebAssembly. */
async function inTfjs(model: ExportedModel, images: readonly Float32Array[], [height, width]: Size): Promise<Probabilities> {
  await startTensorFlow();
  const files = new Map((await exportModel(model, 'tfjs')).map(({ name, content }) => [name, Buffer.from(content)]));
  const { modelTopology, weightsManifest } = Topology.parse(JSON.parse(`${files.get('model.json')}`));
  const bytes = weightsManifest.flatMap(({ paths }) => paths.map((path) => files.get(path) ?? Buffer.of()));
  const weightData = new Uint8Array(Buffer.concat(bytes)).buffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights) as tf.io.WeightsManifestEntry[];
  const layers = await tfl.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
  return images.map((image) =>
    tf.tidy(() => [...(layers.predict(tf.tensor4d(image, [1, height, width, 3])) as tf.Tensor).dataSync()]),
  );
}

async function inKeras(model: ExportedModel, images: readonly Float32Array[], [height, width]: Size): Promise<Probabilities> {
  const files = await exportModel(model, 'keras');
  return inScratch(async (folder) => {
    for (const { name, content } of files) await writeFile(join(folder, name), content);
    const pixels = join(folder, 'pixels');
    await writeFile(
      pixels,
      Buffer.concat(images.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))),
    );
    const answer = await keras('predict.py', [join(folder, 'model.keras'), pixels, `${height}`, `${width}`]);
    return z.array(z.array(z.number())).parse(answer);
  });
}

function markdownOf(rows: readonly Row[]): string {
  const head = ['data set', 'runtime', 'test images', 'same label', 'largest difference'];
  const lines = rows.map(({ set, runtime, images, sameLabel, largestDifference }) => [
    set,
    runtime,
    `${images}`,
    `${sameLabel}`,
    largestDifference.toPrecision(2),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
