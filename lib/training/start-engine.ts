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
 * Starts the engine that the environment variable `GRAFT_ENGINE` selects: `onnx`, or `tensorflow`, the default, in the
 * runtime that `GRAFT_TENSORFLOW` selects. ONNX Runtime is not the default, because its gradients were not compared with
 * TensorFlow's in every family of backbones.
 * @throws SpecError ENGINE_UNKNOWN; as startTensorFlow
 */
export async function startEngine(environment: NodeJS.ProcessEnv = process.env): Promise<TrainingEngine> {
  const { GRAFT_ENGINE: wanted = '' } = environment;
  if (wanted === 'onnx') return startOnnxEngine();
  if (wanted === '' || wanted === 'tensorflow') return startTensorFlowEngine();
  throw new SpecError('ENGINE_UNKNOWN', { at: 'GRAFT_ENGINE', expected: 'tensorflow or onnx', received: wanted });
}
