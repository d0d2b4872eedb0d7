import { availableParallelism } from 'node:os';

/** Settings on which the bits of a result depend. */
export interface NativeSettings {
  readonly onednn: 'on' | 'off';
  readonly tf32: 'on' | 'off';
  /** Threads of one operation: each sums its part. */
  readonly threads: string;
}

/** Pins what the library reads once, when it is loaded. What the user has set stays. */
export function pinNativeSettings(environment: NodeJS.ProcessEnv = process.env): NativeSettings {
  // oneDNN's own default depends on the CPU, and its kernels round otherwise than TensorFlow's: the same job would give
  // other bits on another machine type.
  environment.TF_ENABLE_ONEDNN_OPTS ??= '1';
  environment.TF_NUM_INTRAOP_THREADS ??= String(availableParallelism());
  // TensorFlow takes TF32 (10 bits of mantissa) for float32 products where the GPU has it; NVIDIA's libraries obey this.
  environment.NVIDIA_TF32_OVERRIDE ??= '0';
  // Take GPU memory as it is needed, not all at once.
  environment.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // Errors only: the library's notes on CPU features help nobody here.
  environment.TF_CPP_MIN_LOG_LEVEL ??= '2';
  return {
    onednn: environment.TF_ENABLE_ONEDNN_OPTS === '0' ? 'off' : 'on',
    tf32: environment.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'on',
    threads: environment.TF_NUM_INTRAOP_THREADS,
  };
}
