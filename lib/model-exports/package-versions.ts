/** Versions of the packages that exports use; test/lib/model-exports holds them to package.json, which bundles lack. */
export const packageVersions = {
  'onnxruntime-node': '1.30.0',
  'onnxruntime-web': '1.30.0',
  sharp: '0.35.5',
  '@tensorflow/tfjs-layers': '4.22.0',
} as const;
