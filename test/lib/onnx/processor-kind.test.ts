import { expect, test } from 'vitest';
import { hasVnni, instructionSetOf, processorKind } from '../../../lib/onnx/processor-kind.ts';

test.each([
  ['sse sse2 avx f16c fma avx2 avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni', 'avx512'],
  ['sse sse2 avx fma avx2 avx512f', 'avx512f'],
  ['sse sse2 avx fma avx2', 'avx2'],
  ['sse sse2 avx avx2', 'avx'],
  ['sse sse2', 'sse'],
])('a processor with %s computes with %s', (flags, name) => {
  expect(instructionSetOf(`processor\t: 0\nmodel name\t: One\nflags\t\t: fpu ${flags}\nbugs\t\t:\n`)).toBe(name);
});

test.each([
  ['flags\t\t: fpu avx2 avx512f avx512_vnni', true],
  ['flags\t\t: fpu avx2 avx_vnni', true],
  ['flags\t\t: fpu avx2 avx512f', false],
  ['Features\t: fp asimd', false],
])('a processor with %j adds int8 products in 32 bits: %s', (line, expected) => {
  expect(hasVnni(`processor\t: 0\n${line}\nbugs\t\t:\n`)).toBe(expected);
});

test('a list without flags, as of ARM processors, names no instruction set', () => {
  expect(instructionSetOf('processor\t: 0\nFeatures\t: fp asimd\n')).toBeUndefined();
  expect(instructionSetOf('')).toBeUndefined();
});

test('names the system, the architecture, and the device if it is not the processor', () => {
  expect(processorKind('webgpu')).toBe(`${process.platform} ${process.arch} webgpu`);
  expect(processorKind()).toMatch(new RegExp(`^${process.platform} ${process.arch} .`));
});
