import { createHash } from 'node:crypto';
import * as tfl from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { OptimizerSpec } from '../../lib/contracts/training-spec.ts';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { extractFeatures } from '../../lib/features/extract-features.ts';
import { openTrunk } from '../../lib/features/open-trunk.ts';
import { GraphBuilder } from '../../lib/onnx/graph-builder.ts';
import { elementType } from '../../lib/onnx/onnx-model.ts';
import { encodeModel } from '../../lib/onnx/protobuf.ts';
import { valueInfo } from '../../lib/onnx/value-info.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import { randomStream } from '../../lib/random.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import { startEngine } from '../../lib/training/start-engine.ts';
import { hasWebGpu } from '../support/browser/web-gpu.ts';
import { testWorld } from '../support/world.ts';

const environment = { GRAFT_DEVICE: 'webgpu' };

describe.skipIf(!(await hasWebGpu()))('GRAFT_DEVICE=webgpu', () => {
  it('trains in ONNX Runtime, and the runtime names the device', async () => {
    const { runtime } = await startEngine({ environment });
    expect(runtime).toMatchObject({
      name: 'onnx',
      versions: { device: 'webgpu' },
      description: expect.stringContaining('WebGPU'),
    });
    const here = await startEngine({ environment: { GRAFT_ENGINE: 'onnx' } });
    expect(here.runtime.versions.device).toBe('cpu');
  });

  it('logs the operators that run on the CPU, once', async () => {
    const { open } = await startEngine({ environment });
    const lines: unknown[] = [];
    const log = (event: string, details = {}) => lines.push({ event, ...details });
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3 }),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    const trainer = (await open(model)).openTrainer({
      loss: categoricalCrossEntropy(),
      optimizer: OptimizerSpec.parse({ name: 'sgd' }),
      log,
    });
    const batch = { inputs: new Float32Array(2 * 72).fill(0.5), targets: Float32Array.of(1, 0, 0, 1) };
    for (let step = 0; step < 2; step++) {
      await trainer.accumulate(batch, { seedOf: () => 1 });
      trainer.update(0.1);
    }
    expect(lines).toMatchObject([
      { event: 'device.fallback', from: 'webgpu', to: 'cpu', operators: expect.arrayContaining(['MaxPool']) },
    ]);
    expect(lines).not.toMatchObject([{ operators: expect.arrayContaining(['Conv']) }]);
    trainer.close();
    model.dispose();
  });

  it('names the operators of a trunk that run on the CPU, from a worker thread, too', async () => {
    const graph = new GraphBuilder();
    const { info } = graph.input('x', [null, 2]);
    const exact = graph.add('Cast', ['x'], { to: elementType.float64 });
    const root = graph.add('Cast', [graph.add('Sqrt', [exact])], { to: elementType.float32 });
    const y = graph.add('Neg', [root]);
    const { node, initializer } = graph.written;
    const onnx = encodeModel({
      irVersion: 9,
      opsetImport: [{ domain: '', version: 20 }],
      metadataProps: [],
      graph: { name: 'roots', node, initializer, input: [info], output: [valueInfo(y, [null, 2])], valueInfo: [] },
    });
    const placed: unknown[] = [];
    const session = await openWorkerSession(onnx, { device: 'webgpu', onPlacement: (placement) => placed.push(placement) });
    for (let run = 0; run < 2; run++) {
      expect([...(await session.run(Float32Array.of(4, 9), [1, 2])).data]).toEqual([-2, -3]);
    }
    await session.close();
    expect(placed).toEqual([{ onCpu: ['Cast', 'Sqrt'] }]);
  });

  it('computes the features of the CPU, and keeps them apart', async () => {
    const { store } = testWorld();
    const random = randomStream(1, 'pixels');
    const raw = { width: 32, height: 32, channels: 3 } as const;
    const images: string[] = [];
    for (let image = 0; image < 3; image++) {
      const bytes = await sharp(
        Uint8Array.from({ length: 3072 }, () => random.integer(256)),
        { raw },
      )
        .png()
        .toBuffer();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await store.put(blobKey(sha256), bytes);
      images.push(sha256);
    }
    const spec = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32] as [number, number], weights: 'none' as const };
    const trunk = await openTrunk(spec, { cut: 'top', pooling: 'globalAveragePool' }, store);
    const lines: unknown[] = [];
    const log = (event: string, details = {}) => lines.push({ event, ...details });
    const options = { store, signal: new AbortController().signal, log, onProgress: () => {} };
    const rows = [...images.keys()];
    const [cpu, webgpu] = [
      await extractFeatures(trunk, images, { ...options, device: 'cpu' }),
      await extractFeatures(trunk, images, { ...options, device: 'webgpu' }),
    ];
    expect(webgpu.decoded).toBe(3);
    expect(lines).toEqual([]);
    const [expected, ours] = [await cpu.features.gather(rows, 0), await webgpu.features.gather(rows, 0)];
    const scale = Math.max(...expected.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    expect(Math.max(...expected.map((value, i) => Math.abs(value - ours[i]!)))).toBeLessThan(1e-4 * scale);
    expect((await extractFeatures(trunk, images, { ...options, device: 'webgpu' })).decoded).toBe(0);
  });
});
