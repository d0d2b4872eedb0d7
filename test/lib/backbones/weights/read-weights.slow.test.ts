import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { limitsFor, readHdf5 } from '../../../../lib/backbones/weights/hdf5.ts';
import { readWeights } from '../../../../lib/backbones/weights/read-weights.ts';
import type { WeightFile } from '../../../../lib/backbones/weights/weight-file.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const path = (name: string): string => join(fixtures, name.startsWith('tiny') ? 'h5' : 'weights', name);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(path(name)));
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const valuesOf = ({ layers }: WeightFile) => layers.flatMap(({ weights }) => weights.map(({ data }) => [...data]));

describe('readWeights', () => {
  it('reads bytes as it reads a file, and leaves them to the caller unless they are handed over', async () => {
    const bytes = bytesOf('tiny_plain.h5');
    const file = await readWeights(path('tiny_plain.h5'));
    expect(await readWeights(bytes)).toEqual(file);
    expect(bytes).toHaveLength(26_184);
    expect(await readWeights(bytes, { handOver: true })).toEqual(file);
    expect(bytes).toHaveLength(0);
  });

  it('never takes more than the bytes of a view, though they are handed over', async () => {
    const whole = Buffer.concat([bytesOf('tiny_plain.h5'), text('of somebody else')]);
    const view = new Uint8Array(whole.buffer, whole.byteOffset, 26_184);
    expect((await readWeights(view, { handOver: true })).format).toBe('keras-h5');
    expect(whole.subarray(26_184).toString()).toBe('of somebody else');
  });

  it('names layers as Keras does, and keeps the state of optimizers and generators apart', async () => {
    const { format, layers } = await readWeights(path('bfloat16.weights.h5'));
    expect(format).toBe('keras-weights-h5');
    expect(layers).toEqual([
      {
        name: 'head',
        path: '/layers/dense',
        weights: [
          { name: '0', path: '/layers/dense/vars/0', shape: [2, 2], dtype: 'bfloat16', data: new Float32Array([1, 2, 3, -0.5]) },
          { name: '1', path: '/layers/dense/vars/1', shape: [2], dtype: 'bfloat16', data: new Float32Array([0.25, -4]) },
        ],
      },
    ]);
  });

  it('widens whole numbers of every size', async () => {
    const [signed, unsigned] = [
      [1, 2, -100],
      [1, 2, 100],
    ];
    expect(valuesOf(await readWeights(path('integers.h5')))).toEqual([...Array(4).fill(signed), ...Array(4).fill(unsigned)]);
  });

  it('lists layers in the order of the file, whatever their class', async () => {
    const { layers } = await readWeights(path('tiny.weights.h5'));
    expect(layers.map(({ name }) => name)).toEqual(['conv', 'bn', 'separable', 'depthwise', 'ln', 'head']);
  });

  it('reads an archive that was compressed again', async () => {
    const [archive, file] = await Promise.all([readWeights(path('deflated.keras')), readWeights(path('tiny.weights.h5'))]);
    expect(archive).toEqual({ ...file, format: 'keras-archive' });
  });

  it('reads safetensors layer by layer', async () => {
    const header = JSON.stringify({
      'stem/kernel': { dtype: 'I8', shape: [2], data_offsets: [0, 2] },
      'stem/bias': { dtype: 'U8', shape: [1], data_offsets: [2, 3] },
      'head.weight': { dtype: 'U8', shape: [], data_offsets: [3, 4] },
    });
    const bytes = Buffer.concat([new Uint8Array(8), text(header), Uint8Array.of(255, 1, 2, 3)]);
    bytes.writeBigUInt64LE(BigInt(header.length));
    const { format, layers } = await readWeights(bytes);
    expect(format).toBe('safetensors');
    expect(layers.map(({ name, weights }) => [name, weights.map((weight) => [weight.name, [...weight.data]])])).toEqual([
      [
        'stem',
        [
          ['stem/kernel', [-1, 1]],
          ['stem/bias', [2]],
        ],
      ],
      ['head', [['head.weight', [3]]]],
    ]);
  });

  it.each([
    { what: 'an empty file', bytes: new Uint8Array(0), received: 'an empty file' },
    { what: 'a web page', bytes: text('<!DOCTYPE html>'), received: 'a web page' },
    {
      what: 'a pointer of Git LFS',
      bytes: text('version https://git-lfs.github.com/spec/v1\n'),
      received: 'a pointer of Git LFS',
    },
    { what: 'a gzip file', bytes: Uint8Array.of(0x1f, 0x8b, 8), received: 'a gzip file' },
    { what: 'a pickle', bytes: Uint8Array.of(0x80, 2, 0x8a), received: "a pickle of Python's" },
    { what: 'other bytes', bytes: Uint8Array.of(1, 2, 3), received: 'bytes 010203' },
  ])('says of $what what it is', async ({ bytes, received }) => {
    await expect(readWeights(bytes)).rejects.toMatchObject({ code: 'WEIGHTS_FORMAT_UNKNOWN', received });
  });

  it('says that a file is not there', async () => {
    await expect(readWeights(path('none.h5'))).rejects.toMatchObject({ code: 'WEIGHTS_NOT_FOUND', at: path('none.h5') });
  });

  it('says of a folder that it is one', async () => {
    await expect(readWeights(fixtures)).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE', at: fixtures, received: 'a folder' });
  });

  it.each([
    {
      file: 'huge_contiguous.h5',
      what: 'claims values that it does not hold',
      received: '4503599627370496 bytes of values in a file of 3664',
    },
    {
      file: 'huge_empty_chunks.h5',
      what: 'claims chunks that it does not hold',
      received: '4294967296 bytes of values in a file of 3664',
    },
    { file: 'huge_chunk.h5', what: 'unpacks to far more than its size', received: '33554432 bytes of values in a file of 38903' },
    { file: 'loop.weights.h5', what: 'holds itself', received: 'groups within groups, 32 deep' },
    {
      file: 'external_data.h5',
      what: 'points to another file for its values',
      received: 'unable to open external raw data file',
    },
    { file: 'text_values.h5', what: 'has texts for weights', received: 'no number' },
    { file: 'bomb.keras', what: 'is a zip bomb', received: '20000000 bytes' },
  ])('refuses a file that $what', async ({ file, received }) => {
    await expect(readWeights(path(file))).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE', received });
  });

  it.each([
    {
      file: 'external_link.h5',
      what: 'points to another file for a data set',
      error: { code: 'WEIGHTS_INCOMPLETE', at: '/dense/kernel:0' },
    },
    { file: 'gap.weights.h5', what: 'lacks a variable', error: { code: 'WEIGHTS_INCOMPLETE', at: '/layers/dense/vars/1' } },
    { file: 'torch.zip', what: 'is of PyTorch', error: { code: 'WEIGHTS_NOT_KERAS', received: "PyTorch's own format" } },
  ])('refuses a file that $what', async ({ file, error }) => {
    await expect(readWeights(path(file))).rejects.toMatchObject(error);
  });

  it.each([
    { what: 'ends too early', change: (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 100), received: /./ },
    {
      what: 'has a bit that flipped',
      change: (bytes: Uint8Array) => bytes.map((byte, i) => (i === 30_000 ? byte ^ 1 : byte)),
      received: /^another$/,
    },
  ])('refuses an archive that $what', async ({ change, received }) => {
    await expect(readWeights(change(bytesOf('tiny.keras')))).rejects.toMatchObject({
      code: 'WEIGHTS_UNREADABLE',
      received: expect.stringMatching(received),
    });
  });
});

describe('readHdf5', () => {
  it('unpacks as much as its limits allow', async () => {
    const limits = { ...limitsFor(0), valueBytes: 2 ** 30, memoryBytes: 2 ** 28 };
    const { datasets } = await readHdf5(path('huge_chunk.h5'), statSync(path('huge_chunk.h5')).size, { limits });
    expect(datasets).toMatchObject([
      { path: '/dense/dense/kernel:0', shape: [4, 4], dtype: 'float32', bytes: new ArrayBuffer(64) },
    ]);
  });

  it.each([
    { what: 'takes too long', file: 'tiny_plain.h5', limits: { milliseconds: 1 }, received: /^no end after 1 ms$/ },
    {
      what: 'needs too much memory',
      file: 'huge_chunk.h5',
      limits: { valueBytes: 2 ** 30, memoryBytes: 2 ** 24 },
      received: /^filter returned failure/,
    },
    { what: 'has too many objects', file: 'tiny_plain.h5', limits: { objects: 5 }, received: /^more than 5 objects$/ },
    { what: 'has too many letters', file: 'tiny_plain.h5', limits: { letters: 100 }, received: /^more than 100 letters/ },
    { what: 'leads to one group by thousands of paths', file: 'many_paths.h5', limits: {}, received: /^more than \d+ letters/ },
  ])('gives up on a file that $what', async ({ file, limits, received }) => {
    const { size } = statSync(path(file));
    await expect(readHdf5(path(file), size, { limits: { ...limitsFor(size), ...limits } })).rejects.toMatchObject({
      code: 'WEIGHTS_UNREADABLE',
      received: expect.stringMatching(received),
    });
  });
});
