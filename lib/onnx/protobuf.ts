/**
 * ONNX files as protobufjs reads and writes them. The schema is onnx.proto of the ONNX project, parsed beforehand: reading
 * its text at every start would cost more than the rest of this module.
 */
import protobuf from 'protobufjs/light.js';
import { DataError } from '../errors.ts';
import type { OnnxModel, OnnxProperty } from './onnx-model.ts';
import schema from './onnx-schema.generated.json' with { type: 'json' };

const modelType = protobuf.Root.fromJSON(schema).lookupType('onnx.ModelProto');

/** The file's bytes: the same model gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const { buffer, byteOffset, byteLength } = modelType.encode(model).finish();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Reads an ONNX file. The tensors' bytes stay views into `bytes`.
 * @throws DataError ONNX_UNREADABLE
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  try {
    const model = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true }) as OnnxModel;
    if (model.graph !== undefined) return model;
  } catch (cause) {
    throw unreadable(bytes, cause);
  }
  throw unreadable(bytes);
}

function unreadable(bytes: Uint8Array, cause?: unknown): DataError {
  return new DataError('ONNX_UNREADABLE', {
    expected: 'an ONNX model',
    received: `${bytes.byteLength} bytes that are none`,
    fix: 'export the model again',
    ...(cause !== undefined && { cause }),
  });
}

/** Metadata in the order of its keys, as it is written. */
export function metadataProperties(metadata: Readonly<Record<string, string>>): OnnxProperty[] {
  return Object.entries(metadata)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value }));
}
