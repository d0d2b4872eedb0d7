import type { OnnxGraph, OnnxModel, OnnxValueInfo } from './onnx-model.ts';
import { decodeModel } from './protobuf.ts';

/** Inputs, outputs, opset and metadata of a model. */
export interface OnnxSummary {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The opset of ONNX's own operators. */
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Name, type and shape of an input or output. */
export interface OnnxValue {
  readonly name: string;
  /** A string names a dynamic size, such as `N` for the batch. */
  readonly shape: readonly (number | string)[];
}

/**
 * Reads the inputs and outputs of a model without opening a session.
 * @throws DataError ONNX_UNREADABLE
 */
export function summarizeOnnx(bytes: Uint8Array): OnnxSummary {
  const model = decodeModel(bytes);
  const { graph, metadataProps } = model;
  return {
    inputs: requiredInputs(graph).map(summarize),
    outputs: graph.output.map(summarize),
    opset: opsetOf(model),
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}

/** Returns the opset of ONNX's own operators, or 0 if the model has none. */
export function opsetOf({ opsetImport }: OnnxModel): number {
  return opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;
}

/** Returns the inputs that a caller must feed. Older files list their weights among the inputs too. */
export function requiredInputs({ input, initializer }: OnnxGraph): OnnxValueInfo[] {
  const weights = new Set(initializer.map(({ name }) => name));
  return input.filter(({ name }) => !weights.has(name));
}

function summarize({ name, type }: OnnxValueInfo): OnnxValue {
  const dims = type?.tensorType?.shape?.dim ?? [];
  return { name, shape: dims.map(({ dimValue, dimParam }) => dimValue || dimParam || '?') };
}
