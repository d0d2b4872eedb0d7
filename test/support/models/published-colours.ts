import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { writePackage } from '../../../lib/models/model-package.ts';
import { publishVersion } from '../../../lib/models/registry.ts';
import { digestOf } from '../../../lib/models/served-package.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import type { World } from '../../../lib/ports.ts';
import { picture } from '../api.ts';
import { importStored, uploadBytes } from '../datasets/upload.ts';
import { cardFor } from './scored-model.ts';
import { drawScores } from './scores.ts';

/**
 * Publishes `colours`: a model with a convolution, whose data set has red and blue pictures, 8 of them test images.
 * @returns its graph, and the prefix of its package
 */
export async function publishColours(world: World): Promise<{ readonly onnx: Uint8Array; readonly prefix: string }> {
  const { store } = world;
  const pictures = ['crimson', 'royalblue'].flatMap((background) =>
    Array.from({ length: 20 }, async (_, i) => [`${background}/${i}.png`, await picture({ width: 16 + i, background })] as const),
  );
  const files = await uploadBytes(store, Object.fromEntries(await Promise.all(pictures)));
  await importStored({ name: 'colours', files }, world);
  const { digest, labels } = await openDataset('colours', store);
  const onnx = colourModel();
  const card = cardFor(drawScores({ task: 'single-label', count: 12, classes: 2, seed: 1 }), labels, {
    model: 'colours',
    spec: JobSpec.parse({ name: 'colours', dataset: `colours@${digest}` }),
    modelDigest: digestOf(onnx),
    input: { height: 16, width: 16, resize: 'bilinear' },
  });
  const { job, createdAt, strategy, metrics, bestEpoch } = card;
  const result = {
    model: 'colours',
    strategy,
    runtime: 'wasm',
    seconds: { features: 3, train: 2, evaluate: 0.5, total: 7 },
    features: { cached: 0, decoded: 1 },
    metrics,
    bestEpoch,
  };
  const written = await writePackage({ card, onnx, history: [], result }, 1, store);
  await publishVersion('colours', { job, ...written, createdAt, backbone: 'mine', dataset: 'colours' }, store);
  return { onnx, prefix: written.package };
}

/** Red against blue, by a convolution and the mean of its maps. */
function colourModel(): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, 16, 16, 3]);
  const scaled = graph.add('Mul', [graph.channelsFirst(value).name, graph.floats([1 / 255], [])]);
  const kernel = Array.from(
    { length: 128 * 3 },
    (_, i) => (Math.floor(i / 3) % 2 === 0 ? 2 - (i % 3) : i % 3) + ((i * 7) % 13) / 40,
  );
  const maps = graph.add('Relu', [graph.add('Conv', [scaled, graph.floats(kernel, [128, 3, 1, 1])])]);
  const pooled = graph.add('Flatten', [graph.add('GlobalAveragePool', [maps])]);
  const head = graph.floats(
    Array.from({ length: 256 }, (_, i) => (Math.floor(i / 2) % 2 === i % 2 ? 0.1 : -0.1)),
    [128, 2],
  );
  const output = {
    name: graph.add('Softmax', [graph.add('MatMul', [pooled, head])]),
    shape: [null, 2],
    layout: 'channels-last',
  } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({
    irVersion: 9,
    opsetImport,
    metadataProps: [],
    graph: graph.finish('colours', info, output, 'probabilities'),
  });
}
