import { z } from 'zod';
import { DataError } from '../../errors.ts';
import type { Snapshot, Values } from '../snapshot.ts';

/**
 * Tensors and a text in one self-describing file, safetensors (huggingface.co/docs/safetensors): 8 bytes with the length of
 * the header, the header in JSON, then the values of all tensors, float32 little-endian.
 */
export function encodeSafetensors(tensors: Snapshot, metadata: Readonly<Record<string, string>>): Uint8Array {
  let offset = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    const begin = offset;
    offset += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  const header = paddedHeader({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const bytes = new Uint8Array(8 + header.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let at = 8 + header.length;
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/** @throws DataError SAFETENSORS_BROKEN */
export function decodeSafetensors(bytes: Uint8Array): { tensors: Snapshot; metadata: Readonly<Record<string, string>> } {
  const { __metadata__: metadata, ...entries } = readHeader(bytes);
  const body = bytes.subarray(8 + headerLength(bytes));
  const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, readTensor(name, entry, body)]));
  return { tensors, metadata: metadata ?? {} };
}

const Entry = z.strictObject({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const Header = z.object({ __metadata__: z.record(z.string(), z.string()).optional() }).catchall(Entry);

function readHeader(bytes: Uint8Array): z.infer<typeof Header> {
  const length = bytes.length < 8 ? Number.POSITIVE_INFINITY : headerLength(bytes);
  if (8 + length > bytes.length) throw broken(`at least ${8 + length} bytes`, bytes.length);
  try {
    return Header.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))));
  } catch (cause) {
    throw broken('a header in JSON that lists float32 tensors', cause instanceof Error ? cause.message : cause);
  }
}

function headerLength(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

function readTensor(name: string, { shape, data_offsets: [begin, end] }: z.infer<typeof Entry>, body: Uint8Array): Values {
  const size = shape.reduce((product, dimension) => product * dimension, 4);
  if (end > body.length || end - begin !== size) throw broken(`${size} bytes of ${name}`, Math.min(end, body.length) - begin);
  return { shape, values: new Float32Array(body.slice(begin, end).buffer) };
}

/** Spaces at the end let the values begin at a multiple of 8 bytes. */
function paddedHeader(header: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  return padded;
}

function broken(expected: string, received: unknown): DataError {
  return new DataError('SAFETENSORS_BROKEN', { expected, received, fix: 'remove the file; it was cut off or is no safetensors' });
}
