import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { importRuntime } from './import-runtime.ts';
import { runtimeOptions } from './load-model.ts';
import type { OnnxModel } from './onnx-model.ts';
import type { OnnxResult, PlacementOptions, SessionOptions } from './onnx-session.ts';
import { watchPlacement } from './placement.ts';
import { encodeModel } from './protobuf.ts';
import { rewriteForWebGpu } from './rewrite-for-webgpu.ts';
import { modelUnreadable, runFailed } from './session-errors.ts';

/** Float32 values by name, row-major. */
export type NamedTensors = ReadonlyMap<string, OnnxResult>;

/** A graph with several inputs and outputs. Runs are sequential, in the order of the calls. */
export interface TensorSession {
  /**
   * Runs the graph.
   * @param inputs do not change them until the promise settles
   * @param outputs the names to compute, each with an array to write into or undefined for a new one; the array must
   * not be one of an input
   * @throws RuntimeError ONNX_RUN_FAILED
   */
  run(inputs: NamedTensors, outputs: ReadonlyMap<string, OnnxResult | undefined>): Promise<NamedTensors>;
  /** Waits for pending runs, then frees the memory. */
  close(): Promise<void>;
}

/**
 * Opens a graph with several inputs and outputs in this thread, which blocks while the graph computes.
 * @throws DataError ONNX_UNREADABLE
 */
export async function openTensorSession(
  model: OnnxModel,
  options: SessionOptions & PlacementOptions = {},
  more: InferenceSession.SessionOptions = {},
): Promise<TensorSession> {
  const ort = await importRuntime();
  const { device = 'cpu', onPlacement } = options;
  const watched = device === 'cpu' || onPlacement === undefined ? undefined : watchPlacement(onPlacement);
  const bytes = encodeModel(device === 'webgpu' ? rewriteForWebGpu(model) : model);
  const create = (settings: InferenceSession.SessionOptions) => ort.InferenceSession.create(bytes, settings);
  const session = await create({ ...runtimeOptions(options), ...watched?.settings, ...more }).catch((cause: unknown) => {
    watched?.remove();
    throw modelUnreadable(cause);
  });
  const tensor = ({ data, dims }: OnnxResult): Tensor => new ort.Tensor('float32', data, dims);
  let last: Promise<unknown> = Promise.resolve();
  const run = async (inputs: NamedTensors, outputs: ReadonlyMap<string, OnnxResult | undefined>): Promise<NamedTensors> => {
    const feeds = Object.fromEntries([...inputs].map(([name, value]) => [name, tensor(value)]));
    const fetches = Object.fromEntries([...outputs].map(([name, into]) => [name, into === undefined ? null : tensor(into)]));
    const results = await session.run(feeds, fetches);
    watched?.read(session);
    return new Map([...outputs.keys()].map((name) => [name, floatsOf(name, results[name])]));
  };
  return {
    run(inputs, outputs) {
      const result = last.then(() => run(inputs, outputs)).catch((cause: unknown) => Promise.reject(runFailed(cause)));
      last = result.catch(() => {});
      return result;
    },
    close: () => last.then(() => session.release()),
  };
}

function floatsOf(name: string, result: Tensor | undefined): OnnxResult {
  if (result === undefined || !(result.data instanceof Float32Array)) throw new TypeError(`output ${name} is not float32`);
  return { data: result.data, dims: result.dims };
}
