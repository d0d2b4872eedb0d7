/** Probabilities of the test images of a job: as it computed them from features, and as a graph predicts them. */

import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import type { Trunk } from '../../../lib/features/trunk.ts';
import { readTrunk } from '../../../lib/features/trunk-store.ts';
import { networkInput } from '../../../lib/images/fit-to-input.ts';
import { readCard } from '../../../lib/models/model-package.ts';
import { reportFiles } from '../../../lib/models/report-files.ts';
import { servedNames } from '../../../lib/models/served-package.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { runAtOnce } from '../../../lib/onnx/run-images.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { decodeScores } from '../../../lib/reports/measure/scored-images.ts';
import { readImage } from '../datasets/read-image.ts';

/** The test images of a single-label job, and their probabilities as the job computed them from its features. */
export async function evaluatedImages(prefix: string, store: ObjectStore) {
  const { spec, input } = await readCard({ package: prefix }, store);
  const key = `${prefix}${reportFiles.scores}`;
  const { scores, rows } = decodeScores((await store.get(key))?.body ?? new Uint8Array(), key);
  const dataset = await openDataset(spec.dataset, store);
  const wanted = networkInput(input);
  const pixels: Float32Array[] = [];
  for (const row of rows) {
    const bytes = await store.getRange(blobKey(dataset.rows.at(row)?.sha256 ?? ''), 0, Number.MAX_SAFE_INTEGER);
    pixels.push(await readImage(bytes, wanted));
  }
  const { classes, logits } = scores;
  const probabilities = pixels.flatMap((_, image) => softmax(logits.subarray(image * classes, (image + 1) * classes)));
  return { pixels, size: wanted.inputSize, probabilities };
}

/** The largest difference of a probability between the job's evaluation and a graph. */
export async function differenceOf(
  onnx: Uint8Array,
  { pixels, size, probabilities }: Awaited<ReturnType<typeof evaluatedImages>>,
): Promise<number> {
  const session = await openSession(onnx, { threads: 1 });
  const { data } = await runAtOnce(session, pixels, size);
  await session.close();
  return Math.max(...probabilities.map((probability, i) => Math.abs(probability - (data[i] ?? Number.NaN))));
}

/** The trunks of the only int8 version in a store: in int8, and the one in float32 from which it was quantized. */
export async function trunksOf(store: ObjectStore): Promise<{ readonly int8: Trunk; readonly float32: Trunk }> {
  const { objects } = await store.list('trunks/', { limit: 100 });
  const keys = objects.flatMap(({ key }) => /^trunks\/(\w+)\.json$/.exec(key)?.[1] ?? []);
  const trunks = await Promise.all(keys.map((key) => readTrunk(key, store)));
  const int8 = trunks.find((trunk) => trunk.int8 !== undefined);
  const float32 = trunks.find(
    (trunk) => trunk.int8 === undefined && trunk.cut === int8?.cut && `${trunk.featureShape}` === `${int8.featureShape}`,
  );
  if (int8 === undefined || float32 === undefined) throw new Error(`no trunk in both precisions among ${keys.length}`);
  return { int8, float32 };
}

/** A served graph with another trunk before its head. */
export function withTrunk(served: Uint8Array, from: Trunk, to: Trunk): Uint8Array {
  const model = decodeModel(served);
  const trunk = decodeModel(from.onnx).graph;
  // Joined graphs begin with the trunk, and keep the name of its output.
  const node = model.graph.node.slice(trunk.node.length);
  const output = model.graph.output.filter(({ name }) => name === servedNames.output);
  const head = encodeModel({ ...model, graph: { ...model.graph, input: trunk.output, node, output, valueInfo: [] } });
  return joinOnnx(to.onnx, head, servedNames);
}

function softmax(logits: Float32Array): number[] {
  const highest = Math.max(...logits);
  const powers = [...logits].map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
