/**
 * ONNX files as protobufjs reads and writes them. The schema is onnx.proto of the ONNX project, parsed beforehand: reading
 * its text at every start would cost more than the rest of this module.
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
 * The file's bytes: the same model gives the same bytes. The values of a tensor that is lazy are asked for once, one
 * tensor at a time.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const { graph, ...rest } = model;
  const writer = protobuf.Writer.create();
  // Room for all from the start: the writer would double its buffer again and again, and not even that beyond 1 GB.
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
    // A copy has the values themselves, where the tensor would make them at each look.
    tensorType.encode({ ...tensor }, writer).ldelim();
  }
  writer.ldelim();
}

/** What stands before a message in a message. */
function tag(type: protobuf.Type, field: string): number {
  return ((type.fields[field]?.id ?? 0) << 3) | 2;
}

/** Bytes that a graph takes at most, mostly; should it be more, the writer makes room. */
function estimateSize({ initializer, node }: OnnxGraph): number {
  const weights = sum(initializer.map((tensor) => bytesOf(tensor)));
  return weights + 512 * (initializer.length + node.length) + 2 ** 16;
}

function bytesOf(tensor: OnnxTensor): number {
  if (tensor.dataType !== elementType.float32) return tensor.rawData?.byteLength ?? 0;
  return tensor.dims.reduce((product, size) => product * size, Float32Array.BYTES_PER_ELEMENT);
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
