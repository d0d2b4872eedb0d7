/** ONNX Runtime as an engine: trains from npm packages alone, by graphs with their gradients. */
import { availableParallelism } from 'node:os';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { importRuntime } from '../../onnx/import-runtime.ts';
import type { OnnxDevice } from '../../onnx/onnx-session.ts';
import { startTensors } from '../../tensor/start-tensors.ts';
import type { Engine, EngineNetwork, EngineRuntime } from '../engine.ts';
import { evaluationSession } from './evaluation-session.ts';
import { openOnnxNetwork } from './onnx-network.ts';

/** The engine for ONNX Runtime. */
export interface OnnxEngine extends Engine<LayersModel> {
  readonly runtime: EngineRuntime & { readonly name: 'onnx'; readonly description: string };
  open(model: LayersModel): EngineNetwork;
}

/**
 * Starts the engine on a device, which must be available (checkDevice). TensorFlow.js describes the layers, and does not
 * compute.
 */
export async function startOnnxEngine(device: OnnxDevice = 'cpu'): Promise<OnnxEngine> {
  await startTensors();
  const { env } = await importRuntime();
  const { node: version = 'unknown' } = env.versions;
  const threads = String(availableParallelism());
  const runtime = {
    name: 'onnx',
    description: `ONNX Runtime ${version} (${device === 'cpu' ? '' : 'WebGPU, '}threads ${threads})`,
    versions: { onnxruntime: version, device, threads },
  } as const;
  const evaluation = evaluationSession(device);
  return { runtime, open: (model) => openOnnxNetwork(model, { runtime, device, evaluation }) };
}
