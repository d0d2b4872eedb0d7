import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { importRuntime } from './import-runtime.ts';
import type { OnnxResult, OnnxRun, PlacementOptions, SessionOptions, SessionValue } from './onnx-session.ts';
import { mayOverflowInt8 } from './processor-kind.ts';

/** A model in onnxruntime, in this thread. Its methods throw onnxruntime's own errors. */
export interface LoadedModel {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  run(input: Float32Array, dims: readonly number[], further?: readonly string[]): Promise<OnnxRun>;
  release(): Promise<void>;
}

/**
 * Loads a model in this thread. It imports onnxruntime only now, so that a process that only uses a worker does not load
 * it.
 */
export async function loadOnnx(
  source: Uint8Array | string,
  { onPlacement, ...options }: SessionOptions & PlacementOptions = {},
  more: RuntimeOptions = {},
): Promise<LoadedModel> {
  const ort = await importRuntime();
  const { device = 'cpu' } = options;
  const watched = device === 'cpu' || onPlacement === undefined ? undefined : await watch(onPlacement);
  const settings = { ...runtimeOptions(options), ...watched?.settings, ...more };
  const session = await (typeof source === 'string'
    ? ort.InferenceSession.create(source, settings)
    : ort.InferenceSession.create(source, settings));
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  return {
    inputs: session.inputMetadata.map(describe),
    outputs: session.outputMetadata.map(describe),
    async run(input, dims, further = []) {
      const results = await session.run({ [inputName]: new ort.Tensor('float32', input, dims) }, [outputName, ...further]);
      watched?.read(session);
      const read = (name: string): OnnxResult => {
        const result = results[name];
        if (result === undefined || !(result.data instanceof Float32Array)) throw new TypeError(`output ${name} is not float32`);
        return { data: result.data, dims: result.dims };
      };
      return { ...read(outputName), further: further.map(read) };
    },
    release: () => session.release(),
  };
}

/** Imported here because predictions never need it. */
async function watch(onPlacement: NonNullable<PlacementOptions['onPlacement']>) {
  const { watchPlacement } = await import('./placement.ts');
  return watchPlacement(onPlacement);
}

type RuntimeOptions = InferenceSession.SessionOptions;

/** The options of onnxruntime for a session of Graft. */
export function runtimeOptions(options: SessionOptions): RuntimeOptions {
  const { threads = availableParallelism(), optimization = 'all', device = 'cpu' } = options;
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    graphOptimizationLevel: optimization,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Errors only: users cannot act on warnings about unused weights.
    logSeverityLevel: 3,
    extra: {
      session: {
        // Threads that wait longer for work sleep, so that they take no CPU time from other processes. Sleeping at once is
        // slower and takes more CPU time: an image of 224 pixels took 7.7 ms (13.8 ms of CPU) instead of 6.6 ms (12.9 ms).
        intra_op: { allow_spinning: '1', spin_duration_us: '50' },
        // int8 layers then give the same sums as on other processors. With VNNI they would only take 1.7 times as long.
        ...(mayOverflowInt8() && { x64quantprecision: '1' }),
      },
    },
  };
}

function describe(metadata: InferenceSession.ValueMetadata): SessionValue {
  return { name: metadata.name, shape: metadata.isTensor ? metadata.shape : [] };
}
