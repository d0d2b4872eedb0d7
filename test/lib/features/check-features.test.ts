import { createHash } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { liveFeatures } from '../../../lib/features/live-features.ts';
import type { Trunk } from '../../../lib/features/trunk.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { valueInfo } from '../../../lib/onnx/value-info.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { putGradients } from '../../support/put-gradients.ts';

it('a trunk whose features of an image of one colour are not numbers names the image', async () => {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const gradients = await putGradients(store);
  const grey = await putGrey(store);
  const extract = (images: readonly string[]) =>
    extractFeatures(relativeTrunk(), images, { store, signal: new AbortController().signal, onProgress: () => {} });
  const named = { name: 'DataError', code: 'FEATURES_NOT_FINITE', at: blobKey(grey), received: 'NaN' };
  await expect(extract([...gradients, grey])).rejects.toMatchObject(named);

  const { features } = await extract(gradients);
  expect(await features.gather([1])).toEqual(new Float32Array(32).fill(1));
  await features.close();

  const live = await liveFeatures(relativeTrunk(), [...gradients, grey], { store });
  expect(await live.gather([1])).toEqual(new Float32Array(32).fill(1));
  await expect(live.gather([2, 3, 0])).rejects.toMatchObject(named);
  await live.close();
});

/** Divides the spread of each line of an image by itself. */
function relativeTrunk(): Trunk {
  const graph = new GraphBuilder();
  const { info } = graph.input('images', [null, 32, 32, 3]);
  const spread = graph.add('Sub', [graph.add('GlobalMaxPool', ['images']), graph.add('GlobalAveragePool', ['images'])]);
  const output = graph.add('Flatten', [graph.add('Div', [spread, spread])]);
  const { node, initializer } = graph.written;
  const outputs = [valueInfo(output, [null, 32])];
  const onnx = encodeModel({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 20 }],
    metadataProps: [],
    graph: { name: 'relative', node, initializer, input: [info], output: outputs, valueInfo: [] },
  });
  const shapes = { inputSize: [32, 32] as [number, number], featureShape: [32] };
  return { key: 'relative', onnx, backbone: 'own', cut: 'top', ...shapes, weightsDigest: '', licence: '' };
}

async function putGrey(store: ObjectStore): Promise<string> {
  const bytes = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#404040' } })
    .png()
    .toBuffer();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.put(blobKey(sha256), bytes);
  return sha256;
}
