import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingRuntime } from '../contracts/compute.ts';
import { SpecError } from '../errors.ts';
import type { Engine, EngineRuntime } from './engine.ts';
import { startOnnxEngine } from './onnx/onnx-engine.ts';
import { startTensorFlowEngine } from './tensorflow/tensorflow-engine.ts';

/** The engine that trains the networks of a process. */
export interface TrainingEngine extends Engine<LayersModel> {
  readonly runtime: EngineRuntime & {
    readonly name: TrainingRuntime;
    /** One line for the log: the runtime and its versions. */
    readonly description: string;
  };
}

/**
 * Starts the engine that the environment variable `GRAFT_ENGINE` selects, `tensorflow` or `onnx`. Otherwise TensorFlow
 * trains if it is native, runs on a GPU, or is what `GRAFT_TENSORFLOW` asks for, and else ONNX Runtime, which is faster
 * than TensorFlow in WebAssembly.
 * @throws SpecError ENGINE_UNKNOWN; as startTensorFlow
 */
export async function startEngine(environment: NodeJS.ProcessEnv = process.env): Promise<TrainingEngine> {
  const { GRAFT_ENGINE: wanted = '', GRAFT_TENSORFLOW: tensorflow = '' } = environment;
  if (wanted === 'onnx') return startOnnxEngine();
  if (wanted !== '' && wanted !== 'tensorflow') {
    throw new SpecError('ENGINE_UNKNOWN', { at: 'GRAFT_ENGINE', expected: 'tensorflow or onnx', received: wanted });
  }
  const engine = await startTensorFlowEngine();
  const asked = wanted !== '' || tensorflow !== '';
  return asked || engine.runtime.name !== 'wasm' ? engine : startOnnxEngine();
}
