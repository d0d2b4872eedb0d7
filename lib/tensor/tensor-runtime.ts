/** The TensorFlow that computes in this process. */
export interface TensorRuntime {
  /** `gpu` is tfjs-node-gpu, `native` is tfjs-node, `wasm` is the WebAssembly backend with our kernels. */
  readonly name: 'gpu' | 'native' | 'wasm';
  /** One line for the log: what computes, and its versions. */
  readonly description: string;
  /** All that the bits of a result depend on; checkpoints and model cards carry it. */
  readonly versions: Readonly<Record<string, string>>;
}
