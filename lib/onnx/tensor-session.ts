import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { importRuntime } from './import-runtime.ts';
import { runtimeOptions } from './load-onnx.ts';
import type { OnnxModel } from './onnx-model.ts';
import type { OnnxResult, PlacementOptions, SessionOptions } from './onnx-session.ts';
import { watchPlacement } from './placement.ts';
import { encodeModel } from './protobuf.ts';
import { rewriteForWebGpu } from './rewrite-for-webgpu.ts';
import { modelUnreadable, runFailed } from './session-errors.ts';

/** Arrays of the elements of tensors, by the type of these elements. */
interface FloatArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}
export type FloatType = keyof FloatArrays;
export type FloatArray<Type extends FloatType> = FloatArrays[Type];

/** Tensors by name, row-major. */
export type NamedTensors<Type extends FloatType = 'float32'> = ReadonlyMap<string, OnnxResult<FloatArray<Type>>>;

/** A graph with several inputs and outputs. Runs are sequential, in the order of the calls. */
export interface TensorSession<Type extends FloatType = 'float32'> {
  /**
   * Runs the graph.
   * @param inputs do not change them until the promise settles
   * @param outputs the names to compute, each with an array to write into or undefined for a new one; the array must
   * not be one of an input
   * @throws RuntimeError ONNX_RUN_FAILED
   */
  run(
    inputs: NamedTensors<Type>,
    outputs: ReadonlyMap<string, OnnxResult<FloatArray<Type>> | undefined>,
  ): Promise<NamedTensors<Type>>;
  /** Waits for pending runs, then frees the memory. */
  close(): Promise<void>;
}

/**
 * Opens a graph with several inputs and outputs in this thread, which blocks while the graph computes.
 * @param options `type` of the elements of all inputs and outputs; default: float32
 * @throws DataError ONNX_UNREADABLE
 */
export async function openTensorSession<Type extends FloatType = 'float32'>(
  model: OnnxModel,
  options: SessionOptions & PlacementOptions & { readonly type?: Type } = {},
  more: InferenceSession.SessionOptions = {},
): Promise<TensorSession<Type>> {
  const ort = await importRuntime();
  const { device = 'cpu', onPlacement, type = 'float32' as Type } = options;
  const watched = device === 'cpu' || onPlacement === undefined ? undefined : watchPlacement(onPlacement);
  const bytes = encodeModel(device === 'webgpu' ? rewriteForWebGpu(model) : model);
  const create = (settings: InferenceSession.SessionOptions) => ort.InferenceSession.create(bytes, settings);
  const session = await create({ ...runtimeOptions(options), ...watched?.settings, ...more }).catch((cause: unknown) => {
    watched?.remove();
    throw modelUnreadable(cause);
  });
  const tensor = ({ data, dims }: OnnxResult<FloatArray<Type>>): Tensor => new ort.Tensor(type, data, dims);
  let last: Promise<unknown> = Promise.resolve();
  const run: TensorSession<Type>['run'] = async (inputs, outputs) => {
    const feeds = Object.fromEntries([...inputs].map(([name, value]) => [name, tensor(value)]));
    const fetches = Object.fromEntries([...outputs].map(([name, into]) => [name, into === undefined ? null : tensor(into)]));
    const results = await session.run(feeds, fetches);
    watched?.read(session);
    return new Map([...outputs.keys()].map((name) => [name, valuesOf(name, results[name], type)]));
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

function valuesOf<Type extends FloatType>(name: string, result: Tensor | undefined, type: Type): OnnxResult<FloatArray<Type>> {
  if (result?.type !== type) throw new TypeError(`output ${name} is not ${type}`);
  return { data: result.data as FloatArray<Type>, dims: result.dims };
}
