import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findMissing } from '../../../lib/features/extract-features.ts';
import { writeShard } from '../../../lib/features/feature-shard.ts';
import { indexImages } from '../../../lib/features/index-images.ts';
import { trunkKeys } from '../../../lib/features/trunk-keys.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { shaOf } from '../../support/datasets/put-dataset.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** A graph of one operator, which is read and never run. */
function graphOf(opType: string): Uint8Array {
  const graph = new GraphBuilder();
  const shape = [null, 32, 32, 3];
  const { value, info } = graph.input('images', shape);
  const output = { name: graph.add(opType, [value.name]), shape, layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: graph.finish('trunk', info, output, 'features') });
}

test.each([
  ['int8 uses features of the CPU', 'QuantizeLinear', []],
  ['int8 of a user uses features of the CPU', 'DynamicQuantizeLinear', []],
  ['float32 needs features of that device', 'Relu', [shaOf(0)]],
])('with another device than the CPU, a trunk in %s', async (_, opType, missing) => {
  vi.stubEnv('GRAFT_DEVICE', 'webgpu');
  onTestFinished(() => void vi.unstubAllEnvs());
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const trunk = { key: '0'.repeat(64), onnx: graphOf(opType) };
  const shard = { shape: [1], images: [shaOf(0)], processor: 'linux x64 avx512', data: new Float32Array(1) };
  await store.put(`${trunkKeys(trunk.key).features}/shard`, writeShard(shard));
  expect(await findMissing(trunk, indexImages([shaOf(0)]), store)).toEqual(missing);
});
