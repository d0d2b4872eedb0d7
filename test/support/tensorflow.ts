import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll } from 'vitest';
import type { EngineNetwork } from '../../lib/training/engine.ts';
import { type OnnxEngine, startOnnxEngine } from '../../lib/training/onnx/onnx-engine.ts';
import { startTensorFlowEngine, type TensorFlowEngine } from '../../lib/training/tensorflow/tensorflow-engine.ts';

let engine: TensorFlowEngine | undefined;
let onnx: OnnxEngine | undefined;

/** Call at the top of a test file that touches tensors: it then runs on whatever runtime the test command chose. */
export function useTensorFlow(): void {
  beforeAll(async () => {
    engine = await startTensorFlowEngine();
    onnx = await startOnnxEngine();
  });
}

/** The engine, after `useTensorFlow`. */
export function testEngine(): TensorFlowEngine {
  return engine!;
}

/** A model in the engine, after `useTensorFlow`. */
export function networkOf(model: LayersModel): EngineNetwork {
  return testEngine().open(model);
}

/** Opens models in each engine, after `useTensorFlow`. */
export const engines = {
  tensorflow: { open: networkOf },
  onnx: { open: (model: LayersModel): EngineNetwork => onnx!.open(model) },
} as const;
