import { readFile } from 'node:fs/promises';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { DataError } from '../../../lib/errors.ts';
import type { OnnxModel } from '../../../lib/onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';

const folder = new URL('../../../lib/onnx/', import.meta.url);

// `vitest run -u` writes the file anew after onnx.proto was replaced.
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

test.each([
  ['text', new TextEncoder().encode('not a model')],
  ['nothing', new Uint8Array(0)],
])('%s is refused as unreadable', (_, bytes) => {
  expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ code: 'ONNX_UNREADABLE' }));
  expect(() => decodeModel(bytes)).toThrow(DataError);
});
