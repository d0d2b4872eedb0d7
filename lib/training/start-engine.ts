import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingRuntime } from '../contracts/compute.ts';
import { SpecError } from '../errors.ts';
import { checkDevice } from '../onnx/check-device.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import type { Log } from '../ports.ts';
import { findNative } from '../tensor/native/find-native.ts';
import type { Engine, EngineRuntime } from './engine.ts';
import { engineWithFallback } from './engine-with-fallback.ts';
import { startOnnxEngine } from './onnx/onnx-engine.ts';
import { startTensorFlowEngine } from './tensorflow/tensorflow-engine.ts';

/** The engine that trains the networks of a process. */
export interface TrainingEngine extends Engine<LayersModel> {
  readonly runtime: EngineRuntime & {
    readonly name: TrainingRuntime;
    /** One line for the log: the runtime and its versions. */
    readonly description: string;
  };
  /** Another engine of this machine, if nothing selects one of the two: each network trains in the faster one. */
  readonly other?: TrainingEngine;
}

export interface StartOptions {
  /** Default: of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The runtime that an earlier attempt of the job trained in. It is kept if it is available. */
  readonly earlier?: TrainingRuntime;
  /** Whether only ONNX Runtime can train the networks: those with layers of an ONNX graph. */
  readonly onnxOnly?: boolean;
  readonly log?: Log;
}

/**
 * Starts the engine that trains: the one that the environment variable `GRAFT_ENGINE` selects (`tensorflow` or `onnx`),
 * or TensorFlow in the runtime that `GRAFT_TENSORFLOW` selects. Otherwise TensorFlow trains on a GPU; natively, with ONNX
 * Runtime as the other engine; and without these, ONNX Runtime trains, and TensorFlow in WebAssembly only a network that
 * ONNX Runtime cannot train.
 * `GRAFT_DEVICE=webgpu` prefers ONNX Runtime to TensorFlow.
 * @throws SpecError ENGINE_UNKNOWN, ENGINE_INCOMPATIBLE; UsageError DEVICE_UNKNOWN; RuntimeError WEBGPU_NOT_FOUND; as startTensorFlow
 */
export async function startEngine({
  environment = process.env,
  earlier,
  onnxOnly = false,
  log,
}: StartOptions = {}): Promise<TrainingEngine> {
  const { GRAFT_ENGINE: wanted = '', GRAFT_TENSORFLOW: runtime = '' } = environment;
  const device = selectedDevice(environment);
  await checkDevice(device);
  if (wanted === 'onnx') return startOnnxEngine(device);
  if (wanted !== '' && wanted !== 'tensorflow') {
    throw new SpecError('ENGINE_UNKNOWN', { at: 'GRAFT_ENGINE', expected: 'tensorflow or onnx', received: wanted });
  }
  if (onnxOnly && wanted === 'tensorflow') {
    throw new SpecError('ENGINE_INCOMPATIBLE', {
      at: 'GRAFT_ENGINE',
      expected: 'onnx, which alone trains layers of an ONNX graph',
      received: wanted,
      fix: 'leave GRAFT_ENGINE unset',
    });
  }
  if (onnxOnly) return startOnnxEngine(device);
  const withFallback = async () => engineWithFallback(await startOnnxEngine(device), startTensorFlowEngine, log);
  const isSelected = wanted !== '' || runtime !== '';
  const mayPreferTensorFlow = earlier === undefined ? device === 'cpu' && isNativeInstalled() : earlier !== 'onnx';
  if (!isSelected && !mayPreferTensorFlow) return withFallback();
  const tensorflow = await startTensorFlowEngine();
  const { name } = tensorflow.runtime;
  if (isSelected) return tensorflow;
  if (earlier !== name && (name === 'wasm' || device !== 'cpu')) return withFallback();
  return name === 'native' && device === 'cpu' ? { ...tensorflow, other: await startOnnxEngine(device) } : tensorflow;
}

/** A damaged one counts as missing: ONNX Runtime trains without it, and a job that selects it learns why it fails. */
function isNativeInstalled(): boolean {
  try {
    return findNative() !== undefined;
  } catch {
    return false;
  }
}
