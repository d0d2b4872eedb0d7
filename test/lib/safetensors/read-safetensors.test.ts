import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../lib/errors.ts';
import { readSafetensors } from '../../../lib/safetensors/read-safetensors.ts';

function file(header: unknown, body: Uint8Array, length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const bytesOf = (numbers: ArrayBufferView): Uint8Array => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
const tensor = (dtype: string, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });

describe('readSafetensors', () => {
  it.each([
    { code: 'F32', dtype: 'float32', values: [1.5, -2], body: bytesOf(new Float32Array([1.5, -2])) },
    { code: 'F64', dtype: 'float64', values: [1.5, -2], body: bytesOf(new Float64Array([1.5, -2])) },
    { code: 'F16', dtype: 'float16', values: [1.5, -2], body: bytesOf(new Uint16Array([0x3e00, 0xc000])) },
    { code: 'BF16', dtype: 'bfloat16', values: [1.5, -2], body: bytesOf(new Uint16Array([0x3fc0, 0xc000])) },
    { code: 'I8', dtype: 'int8', values: [7, -2], body: bytesOf(new Int8Array([7, -2])) },
    { code: 'I16', dtype: 'int16', values: [700, -2], body: bytesOf(new Int16Array([700, -2])) },
    { code: 'I32', dtype: 'int32', values: [70_000, -2], body: bytesOf(new Int32Array([70_000, -2])) },
    { code: 'I64', dtype: 'int64', values: [2 ** 40, -2], body: bytesOf(new BigInt64Array([2n ** 40n, -2n])) },
    { code: 'U8', dtype: 'uint8', values: [7, 255], body: bytesOf(new Uint8Array([7, 255])) },
    { code: 'U16', dtype: 'uint16', values: [7, 65_535], body: bytesOf(new Uint16Array([7, 65_535])) },
    { code: 'U32', dtype: 'uint32', values: [7, 2 ** 31], body: bytesOf(new Uint32Array([7, 2 ** 31])) },
    { code: 'U64', dtype: 'uint64', values: [7, 2 ** 63], body: bytesOf(new BigUint64Array([7n, 2n ** 63n])) },
  ])('widens $code to float32, wherever the bytes lie', ({ code, dtype, values, body }) => {
    for (const pad of ['', ' ', '  ', '   ']) {
      const header = JSON.stringify({ __metadata__: { a: 'b' }, 'layer/kernel': tensor(code, [1, 2], [0, body.length]) }) + pad;
      const { tensors, metadata } = readSafetensors(file(header, body));
      expect([...tensors]).toEqual([['layer/kernel', { shape: [1, 2], dtype, data: new Float32Array(values) }]]);
      expect(metadata).toEqual({ a: 'b' });
    }
  });

  it('widens the whole range of float16', () => {
    const halves = new Uint16Array([0x0001, 0x03ff, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000]);
    const { data } = readSafetensors(file({ x: tensor('F16', [7], [0, 14]) }, bytesOf(halves))).tensors.get('x')!;
    expect([...data]).toEqual([2 ** -24, 1023 * 2 ** -24, 65504, Infinity, -Infinity, NaN, -0]);
  });

  const eight = new Uint8Array(8);
  it.each([
    { what: 'an empty file', bytes: new Uint8Array(0) },
    { what: 'a header longer than the file', bytes: file({}, eight, 1000n) },
    { what: 'a header of 2^63 bytes', bytes: file({}, eight, 1n << 63n) },
    { what: 'a header of more than 2 MB', bytes: file(' '.repeat(2_000_001), eight) },
    { what: 'a header that is no JSON', bytes: file('{"x"', eight) },
    { what: 'a header that is a list', bytes: file([], eight) },
    { what: 'an entry that is no object', bytes: file({ x: 3 }, eight) },
    { what: 'an unknown dtype', bytes: file({ x: tensor('I4', [2], [0, 8]) }, eight) },
    { what: 'a negative side', bytes: file({ x: tensor('F32', [-2], [0, 8]) }, eight) },
    { what: 'offsets that are no pair', bytes: file({ x: tensor('F32', [2], [0]) }, eight) },
    { what: 'data past the end', bytes: file({ x: tensor('F32', [4], [0, 16]) }, eight) },
    { what: 'offsets that do not fit the shape', bytes: file({ x: tensor('F32', [1], [0, 8]) }, eight) },
    { what: 'tensors that overlap', bytes: file({ x: tensor('F32', [2], [0, 8]), y: tensor('F32', [1], [4, 8]) }, eight) },
    { what: 'a megabyte of bytes', bytes: file({ x: tensor('U8', [600_000], [0, 600_000]) }, new Uint8Array(600_000)) },
    { what: 'metadata that is no text', bytes: file({ __metadata__: { a: 1 } }, new Uint8Array(0)) },
    { what: 'metadata that is no object', bytes: file({ __metadata__: null }, new Uint8Array(0)) },
    { what: 'bytes of no tensor', bytes: file({ x: tensor('F32', [1], [0, 4]) }, eight) },
  ])('refuses $what', ({ bytes }) => {
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'SAFETENSORS_DAMAGED' }));
  });

  it('answers any bytes with tensors or with one of our errors', () => {
    const valid = file({ x: tensor('F32', [2], [0, 8]) }, eight);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(valid.length),
        (changes, length) => {
          const bytes = Uint8Array.from(valid);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            readSafetensors(bytes.subarray(0, length));
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
          }
        },
      ),
    );
  });
});
