import { readFile } from 'node:fs/promises';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { DataError } from '../../../lib/errors.ts';
import { lazyFloats } from '../../../lib/onnx/lazy-floats.ts';
import type { OnnxModel } from '../../../lib/onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';

const folder = new URL('../../../lib/onnx/', import.meta.url);

// `vitest run -u` updates the file after onnx.proto was replaced.
test('the parsed schema is what onnx.proto says', async () => {
  const proto = await readFile(new URL('onnx.proto', folder), 'utf8');
  const schema = `${JSON.stringify(protobuf.parse(proto).root.toJSON())}\n`;
  await expect(schema).toMatchFileSnapshot(new URL('onnx-schema.generated.json', folder).pathname);
});

test('a model comes back as it was written', () => {
  const model: OnnxModel = {
    irVersion: 9,
    producerName: 'graft',
    opsetImport: [{ domain: '', version: 20 }],
    metadataProps: [{ key: 'a', value: 'é' }],
    graph: {
      name: 'g',
      node: [
        { name: 'n', opType: 'Relu', input: ['x'], output: ['y'], attribute: [{ name: 'k', type: 7, ints: [-1, 2 ** 40] }] },
      ],
      initializer: [{ name: 'w', dims: [2], dataType: 1, rawData: new Uint8Array(new Float32Array([1, -2]).buffer) }],
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: 3 }] } } } }],
      output: [],
      valueInfo: [],
    },
  };
  const read = decodeModel(encodeModel(model));
  expect(read).toMatchObject({ ...model, graph: { ...model.graph, initializer: [{ name: 'w', dims: [2] }] } });
  expect(Array.from(read.graph.initializer[0]?.rawData ?? [])).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
});

test('a model is written with the values of one lazy tensor at a time, each asked for once', () => {
  const looks: string[] = [];
  const lazy = (name: string, values: readonly number[]) =>
    lazyFloats(name, [values.length], () => {
      looks.push(name);
      return Float32Array.from(values);
    });
  const graph = { name: 'g', node: [], initializer: [lazy('a', [1]), lazy('b', [2, 3])], input: [], output: [], valueInfo: [] };
  const read = decodeModel(encodeModel({ irVersion: 9, opsetImport: [], metadataProps: [], graph }));
  expect(looks).toEqual(['a', 'b']);
  expect(read.graph.initializer.map(({ rawData }) => rawData?.byteLength)).toEqual([4, 8]);
});

test('integers that JavaScript has no number for come back to the bit', () => {
  // 2^63 - 1, with which exporters say "to the end", as protobufjs reads it.
  const largest = { low: -1, high: 2 ** 31 - 1, unsigned: false } as unknown as number;
  const slice = { name: 'n', opType: 'Slice', input: [], output: [] };
  const graph = { name: 'g', initializer: [], input: [], output: [], valueInfo: [] };
  const written = (ints: number[]) =>
    encodeModel({
      irVersion: 9,
      opsetImport: [{ version: 9 }],
      metadataProps: [],
      graph: { ...graph, node: [{ ...slice, attribute: [{ name: 'ends', type: 7, ints }] }] },
    });
  const bytes = written([largest, -(2 ** 63), -1]);
  expect(Buffer.from(bytes).includes(Buffer.from('ffffffffffffffff7f', 'hex')), '2^63 - 1 as a varint').toBe(true);
  expect(Buffer.from(encodeModel(decodeModel(bytes))).equals(bytes)).toBe(true);
  expect(decodeModel(written([-1, 2 ** 40])).graph.node[0]?.attribute[0]?.ints).toEqual([-1, 2 ** 40]);
});

test.each([
  ['text', new TextEncoder().encode('not a model')],
  ['nothing', new Uint8Array(0)],
])('%s is refused as unreadable', (_, bytes) => {
  expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ code: 'ONNX_UNREADABLE' }));
  expect(() => decodeModel(bytes)).toThrow(DataError);
});
