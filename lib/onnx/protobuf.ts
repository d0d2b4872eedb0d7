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
  const writer = protobuf.Writer.create();
  // Room for all from the start: the writer would double its buffer again and again, and not even that beyond 1 GB.
  writer.buf = Buffer.allocUnsafe(roomFor(model));
  const { buffer, byteOffset, byteLength } = modelType.encode(model, writer).finish(true);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Bytes that a model takes at most, mostly; should it be more, the writer makes room. */
function roomFor({ graph }: OnnxModel): number {
  const weights = graph.initializer.reduce((sum, { rawData }) => sum + (rawData?.byteLength ?? 0), 0);
  return weights + 512 * (graph.initializer.length + graph.node.length) + 2 ** 16;
}

/**
 * Reads an ONNX file. The tensors' bytes stay views into `bytes`.
 * @throws DataError ONNX_UNREADABLE
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  try {
    const model = exactNumbers(modelType.toObject(modelType.decode(bytes), { arrays: true })) as OnnxModel;
    if (model.graph !== undefined) return model;
  } catch (cause) {
    throw unreadable(bytes, cause);
  }
  throw unreadable(bytes);
}

/**
 * protobufjs reads an int64 as two halves. They become a number where a number holds them exactly; where not, as in the 2^63 - 1
 * that ends a slice "at the end", they stay as they are and are written back to the bit.
 */
function exactNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(exactNumbers);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (isInt64(value)) {
    const number = (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
    return Number.isSafeInteger(number) ? number : value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, exactNumbers(member)]));
}

interface Int64 {
  readonly high: number;
  readonly low: number;
  readonly unsigned: boolean;
}

function isInt64(value: object): value is Int64 {
  return 'high' in value && 'low' in value && 'unsigned' in value;
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
