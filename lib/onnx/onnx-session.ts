/** A loaded model that can run. Runs are sequential, in the order of the calls. */
export interface OnnxSession {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  /**
   * Runs the model on its first input.
   * @param input float32, row-major; do not change it until the promise settles
   * @param dims the input's shape
   * @param further names of outputs to compute besides the first; default: none
   * @param options see `RunOptions`
   * @returns the model's first output, and the further ones
   * @throws DataError ONNX_INPUT_MISMATCH; RuntimeError ONNX_RUN_FAILED, ONNX_SESSION_CLOSED, ONNX_WORKER_EXITED
   */
  run(input: Float32Array, dims: readonly number[], further?: readonly string[], options?: RunOptions): Promise<OnnxRun>;
  /** Waits for pending runs, then frees the memory. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** Gives the memory of the input to the session, which saves a copy: do not use the input again. Default: false. */
  readonly transfer?: boolean;
}

/** Name and shape of an input or output. */
export interface SessionValue {
  readonly name: string;
  /** A string names a dynamic size, such as `N` for the batch. */
  readonly shape: readonly (number | string)[];
}

/** An output of a run. */
export interface OnnxResult<Values = Float32Array> {
  readonly data: Values;
  readonly dims: readonly number[];
}

/** The first output of a run, and the further outputs that were asked for, in that order. */
export interface OnnxRun extends OnnxResult {
  readonly further: readonly OnnxResult[];
}

/** Where onnxruntime computes: on the CPU, or on a GPU by its WebGPU provider. */
export type OnnxDevice = 'cpu' | 'webgpu';

/** Where the nodes of a graph ran. */
export interface Placement {
  /** The operators that ran on the CPU, sorted. */
  readonly onCpu: readonly string[];
}

export interface PlacementOptions {
  /** Called after the first run on another device than the CPU, if operators of the graph ran on the CPU nevertheless. */
  readonly onPlacement?: ((placement: Placement) => void) | undefined;
}

/** Options for opening a session. */
export interface SessionOptions {
  /** Default: the CPU. With WebGPU, operators that its provider lacks run on the CPU. */
  readonly device?: OnnxDevice;
  /** Threads that compute one run. Default: all that are available to this process. */
  readonly threads?: number;
  /**
   * How far onnxruntime optimizes the graph while it loads. The default, `all`, fuses operators and arranges
   * convolutions for this machine's CPU. This takes some 10 ms and makes runs up to 2.4 times as fast (MobileNets;
   * hardly for VGG16). Fusing the graph before storing it neither shortens loading nor changes the results. Sums are
   * added in a different order than with `disabled`: results differ in the seventh digit, and in the fifth after the
   * 800 layers of EfficientNetB7.
   */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
}
