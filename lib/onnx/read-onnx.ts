import type { OnnxGraph, OnnxModel, OnnxValueInfo } from './onnx-model.ts';
import { decodeModel } from './protobuf.ts';

export interface OnnxSummary {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The version of ONNX's own operators. */
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxValue {
  readonly name: string;
  /** A text is the name of an open size: `N` for the batch. */
  readonly shape: readonly (number | string)[];
}

/**
 * What a model takes and gives, without a session.
 * @throws DataError ONNX_UNREADABLE
 */
export function readOnnx(bytes: Uint8Array): OnnxSummary {
  const model = decodeModel(bytes);
  const { graph, metadataProps } = model;
  return {
    inputs: requiredInputs(graph).map(summarize),
    outputs: graph.output.map(summarize),
    opset: opsetOf(model),
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}

/** The version of ONNX's own operators; 0 where a model names none. */
export function opsetOf({ opsetImport }: OnnxModel): number {
  return opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;
}

/** A graph's inputs that must be fed: older files list their weights among the inputs too. */
export function requiredInputs({ input, initializer }: OnnxGraph): OnnxValueInfo[] {
  const weights = new Set(initializer.map(({ name }) => name));
  return input.filter(({ name }) => !weights.has(name));
}

function summarize({ name, type }: OnnxValueInfo): OnnxValue {
  const dims = type?.tensorType?.shape?.dim ?? [];
  return { name, shape: dims.map(({ dimValue, dimParam }) => dimValue || dimParam || '?') };
}
