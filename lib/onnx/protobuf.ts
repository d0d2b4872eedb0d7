/**
 * Reads and writes ONNX files with protobufjs. The schema is ONNX's onnx.proto, parsed at build time: parsing its
 * text at every start would cost more than the rest of this module.
 */
import protobuf from 'protobufjs/light.js';
import { sum } from '../arithmetic.ts';
import { DataError } from '../errors.ts';
import { elementType, type OnnxGraph, type OnnxModel, type OnnxProperty, type OnnxTensor } from './onnx-model.ts';
import schema from './onnx-schema.generated.json' with { type: 'json' };

const root = protobuf.Root.fromJSON(schema);
const modelType = root.lookupType('onnx.ModelProto');
const graphType = root.lookupType('onnx.GraphProto');
const tensorType = root.lookupType('onnx.TensorProto');

/**
 * Encodes a model as an ONNX file. The same model always gives the same bytes. The values of lazy tensors are read
 * once, one tensor at a time.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const { graph, ...rest } = model;
  const writer = protobuf.Writer.create();
  // Allocate the full size first: the writer would double its buffer repeatedly, and cannot do so beyond 1 GB.
  writer.buf = Buffer.allocUnsafe(estimateSize(graph));
  writeGraph(graph, modelType.encode(rest, writer));
  const { buffer, byteOffset, byteLength } = writer.finish(true);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function writeGraph({ initializer, ...rest }: OnnxGraph, writer: protobuf.Writer): void {
  writer.uint32(tag(modelType, 'graph')).fork();
  graphType.encode(rest, writer);
  for (const tensor of initializer) {
    writer.uint32(tag(graphType, 'initializer')).fork();
    // The copy holds the values, which a lazy tensor would compute at each access.
    tensorType.encode({ ...tensor }, writer).ldelim();
  }
  writer.ldelim();
}

/** Returns the tag that precedes an embedded message. */
function tag(type: protobuf.Type, field: string): number {
  return ((type.fields[field]?.id ?? 0) << 3) | 2;
}

/** Estimates the encoded size of a graph in bytes. If the estimate is too low, the writer grows its buffer. */
function estimateSize({ initializer, node }: OnnxGraph): number {
  const weights = sum(initializer.map((tensor) => bytesOf(tensor)));
  return weights + 512 * (initializer.length + node.length) + 2 ** 16;
}

function bytesOf(tensor: OnnxTensor): number {
  if (tensor.dataType !== elementType.float32) return tensor.rawData?.byteLength ?? 0;
  return tensor.dims.reduce((product, size) => product * size, Float32Array.BYTES_PER_ELEMENT);
}

/**
 * Decodes an ONNX file. The tensors' bytes remain views into `bytes`.
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
 * Converts each int64, which protobufjs reads as two halves, to a number if a number holds it exactly. Others, such
 * as the 2^63 - 1 that ends a slice "at the end", stay as they are and are written back unchanged.
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

/** Returns the metadata as properties, sorted by key. */
export function metadataProperties(metadata: Readonly<Record<string, string>>): OnnxProperty[] {
  return Object.entries(metadata)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value }));
}
