/** A loaded model that computes. Calls wait for each other: one runs at a time, in the order in which they came. */
export interface OnnxSession {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  /**
   * Feeds the first input, gives the first output.
   * @param input float32, row-major; it must stay as it is until the promise settles
   * @throws DataError ONNX_INPUT_MISMATCH; RuntimeError ONNX_RUN_FAILED, ONNX_SESSION_CLOSED, ONNX_WORKER_EXITED
   */
  run(input: Float32Array, dims: readonly number[]): Promise<OnnxResult>;
  /** Waits for the runs that were asked for, then gives the memory back. */
  close(): Promise<void>;
}

export interface SessionValue {
  readonly name: string;
  /** A text is the name of an open size: `N` for the batch. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxResult {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface SessionOptions {
  /** Threads that compute one run. Default: as many as the machine has for this process. */
  readonly threads?: number;
  /**
   * How much the graph is rewritten while it loads. Default `all`, which fuses operators and lays convolutions out for
   * this machine's processor: that takes some 10 ms and makes runs up to 2.4 times as fast (MobileNets; VGG16 hardly).
   * A graph that was fused before it was stored loads as long and gives the same bits. Sums are added in another order
   * than with `disabled`: numbers differ in the seventh digit, and in the fifth after the 800 layers of EfficientNetB7.
   */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
}
