import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../lib/safetensors/read-safetensors.ts';
import { writeSafetensors } from '../../../lib/safetensors/write-safetensors.ts';

const tensors = new Map([
  ['a/kernel', { shape: [2, 2], data: Float32Array.of(1, -0, Number.MIN_VALUE, 3.4e38) }],
  ['scalar', { shape: [], data: Float32Array.of(0.1) }],
  ['none', { shape: [0, 3], data: new Float32Array(0) }],
]);

describe('safetensors', () => {
  it('keeps names, shapes, texts and every bit', () => {
    const named = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.float32Array()), {
      selector: ([name]) => name,
      maxLength: 5,
    });
    fc.assert(
      fc.property(named, fc.string(), (entries, text) => {
        const given = new Map(
          entries
            .filter(([name]) => name !== '__metadata__' && name !== '__proto__')
            .map(([name, values]) => [name, { shape: [values.length], data: values }]),
        );
        const { tensors: found, metadata } = readSafetensors(writeSafetensors(given, { text }));
        expect(metadata).toEqual({ text });
        expect([...found.keys()].sort()).toEqual([...given.keys()].sort());
        for (const [name, tensor] of given) expect(found.get(name)).toEqual({ ...tensor, dtype: 'float32' });
      }),
    );
  });

  it('lays the values out as the format says: a header, then float32 little-endian at multiples of 4', () => {
    const bytes = writeSafetensors(tensors, {});
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(length % 8).toBe(0);
    expect(header['a/kernel']).toEqual({ dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] });
    expect(header.scalar.data_offsets).toEqual([16, 20]);
    expect(new DataView(bytes.buffer).getFloat32(8 + length + 16, true)).toBe(Math.fround(0.1));
  });

  const whole = writeSafetensors(tensors, { text: 'x' });
  const broken = [
    { name: 'an empty file', bytes: new Uint8Array(0) },
    { name: 'a file cut off in its header', bytes: whole.subarray(0, 40) },
    { name: 'a file cut off in its values', bytes: whole.subarray(0, whole.length - 1) },
    { name: 'a file of another kind', bytes: new TextEncoder().encode('PK this is a zip, or so it says, and not at all short') },
  ];
  it.each(broken)('refuses $name', ({ bytes }) => {
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'SAFETENSORS_DAMAGED' }));
  });
});
