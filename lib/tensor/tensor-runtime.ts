/** The active TensorFlow of this process. */
export interface TensorRuntime {
  /** `gpu` is tfjs-node-gpu, `native` is tfjs-node, `wasm` is the WebAssembly backend with Graft's kernels. */
  readonly name: 'gpu' | 'native' | 'wasm';
  /** One line for the log: the backend and its versions. */
  readonly description: string;
  /** Everything that affects the bits of a result. Checkpoints and model cards record it. */
  readonly versions: Readonly<Record<string, string>>;
}
