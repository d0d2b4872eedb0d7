import type { OnnxGraph, OnnxModel, OnnxProperty } from './onnx-model.ts';

/** Version of the operators of all graphs that Graft writes: ONNX 1.15 (2023), the first one with Gelu. */
export const OPSET = 20;
const IR_VERSION = 9;

/** Makes a model of a graph that Graft has written. Graphs of one version of the operators can be joined. */
export function graftModel(graph: OnnxGraph, metadataProps: readonly OnnxProperty[] = []): OnnxModel {
  return { irVersion: IR_VERSION, producerName: 'graft', opsetImport: [{ domain: '', version: OPSET }], graph, metadataProps };
}
