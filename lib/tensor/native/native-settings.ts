import { availableParallelism } from 'node:os';

/** Settings that affect the bits of a result. */
export interface NativeSettings {
  readonly onednn: 'on' | 'off';
  readonly tf32: 'on' | 'off';
  /** Threads of one operation. Each thread sums its own part. */
  readonly threads: string;
}

/** Sets the environment variables that the library reads once, when it loads. Values set by the user are kept. */
export function pinNativeSettings(environment: NodeJS.ProcessEnv = process.env): NativeSettings {
  // oneDNN's default depends on the CPU, and its kernels round differently from TensorFlow's: without this, the same
  // job would give different bits on another machine type.
  environment.TF_ENABLE_ONEDNN_OPTS ??= '1';
  environment.TF_NUM_INTRAOP_THREADS ??= String(availableParallelism());
  // By default, TensorFlow uses TF32 (10 bits of mantissa) for float32 products on GPUs that have it. NVIDIA's
  // libraries read this variable.
  environment.NVIDIA_TF32_OVERRIDE ??= '0';
  // Allocate GPU memory as needed, not all at once.
  environment.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // Errors only: notes on CPU features do not help users.
  environment.TF_CPP_MIN_LOG_LEVEL ??= '2';
  return {
    onednn: environment.TF_ENABLE_ONEDNN_OPTS === '0' ? 'off' : 'on',
    tf32: environment.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'on',
    threads: environment.TF_NUM_INTRAOP_THREADS,
  };
}
