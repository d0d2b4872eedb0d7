import type { FunctionName } from '../../lib/store/key-kind.ts';

/** The bundle of each Lambda function, one row per function. Data only. */
export interface FunctionBundle {
  /** The module whose `handler` is the function's. */
  readonly entry: string;
  /** Files that run as threads, beside the code, under these names. */
  readonly threads?: Readonly<Record<string, string>>;
  /** Packages with native code, which cannot be bundled. */
  readonly packages?: readonly NativePackage[];
  /** Other files, under their paths in the repository. */
  readonly files?: readonly string[];
  /** Whether it serves the API's reference page, and so contains Swagger UI. */
  readonly docs?: boolean;
  /** Whether it exports models, and so contains the templates and pages of exports. */
  readonly exports?: boolean;
  /** The largest unzipped size, which a cold start must load. */
  readonly megabytes: number;
}

export type NativePackage = keyof typeof nativePackages;

/** The folders under node_modules of each native package on Lambda: Linux, x86-64, glibc. */
export const nativePackages = {
  'onnxruntime-node': ['onnxruntime-node', 'onnxruntime-common'],
  sharp: ['sharp', '@img/colour', '@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64', 'detect-libc', 'semver'],
} as const;

const onnxThread = { 'session-worker.js': 'lib/onnx/session-worker.ts' };
const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm';

/** Of the functions that build backbones. */
const backboneThreads = {
  ...onnxThread,
  'augment-worker.js': 'lib/images/augment-worker.ts',
  'hdf5-worker.mjs': 'lib/backbones/weights/hdf5-worker.mjs',
};
const backboneFiles = [
  'assets/efficientnet-lite0.safetensors',
  'assets/efficientnet-lite0.LICENSE',
  'assets/imagenet-classes.json',
];
/** Files of the WebAssembly backend, which trains what ONNX Runtime cannot. Its code is bundled, and looks for these beside its main module. */
const wasmFiles = [
  `${wasmFolder}/package.json`,
  `${wasmFolder}/dist/tf-backend-wasm.node.js`,
  `${wasmFolder}/dist/tfjs-backend-wasm.wasm`,
  `${wasmFolder}/dist/tfjs-backend-wasm-simd.wasm`,
];

export const functionBundles = {
  // With the reader of ONNX graphs: a job that trains a model of one's own is cut when it is submitted.
  api: { entry: 'functions/api/main.ts', docs: true, megabytes: 6 },
  predict: {
    entry: 'functions/predict/main.ts',
    threads: onnxThread,
    packages: ['onnxruntime-node', 'sharp'],
    megabytes: 90,
  },
  import: { entry: 'functions/import/main.ts', packages: ['sharp'], megabytes: 40 },
  dispatch: { entry: 'functions/dispatch/main.ts', megabytes: 5 },
  track: { entry: 'functions/track/main.ts', megabytes: 5 },
  webhooks: { entry: 'functions/webhooks/main.ts', megabytes: 5 },
  train: {
    entry: 'functions/train/lambda.ts',
    threads: backboneThreads,
    packages: ['onnxruntime-node', 'sharp'],
    exports: true,
    files: [...backboneFiles, ...wasmFiles],
    megabytes: 170,
  },
  extract: {
    entry: 'functions/extract/main.ts',
    threads: backboneThreads,
    packages: ['onnxruntime-node', 'sharp'],
    files: backboneFiles,
    megabytes: 170,
  },
} as const satisfies Readonly<Record<FunctionName, FunctionBundle>>;

export const functionNames = Object.keys(functionBundles).filter((name): name is FunctionName => name in functionBundles);
