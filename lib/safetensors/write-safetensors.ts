/** A tensor to write: float32 in C order. */
export interface WrittenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Writes tensors and metadata as a safetensors file (huggingface.co/docs/safetensors): 8 bytes with the length of the
 * header, the header in JSON, then the values of all tensors, float32 little-endian.
 * @returns the bytes of the file
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, WrittenTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0;
  const entries = [...tensors].map(([name, { shape, data }]) => {
    const begin = offset;
    offset += data.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  const header = paddedHeader({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const bytes = new Uint8Array(8 + header.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let at = 8 + header.length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Encodes the header, padded with spaces so that the values start at a multiple of 8 bytes. */
function paddedHeader(header: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  return padded;
}
