import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importOwnModel } from '../../../../lib/backbones/own/import-own-model.ts';
import { readEncoder } from '../../../../lib/backbones/own/read-encoder.ts';
import type { EncoderOptions } from '../../../../lib/backbones/own/read-graph.ts';
import { DataError, GraftError } from '../../../../lib/errors.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '../../../../lib/onnx/onnx-model.ts';
import { encodeModel } from '../../../../lib/onnx/protobuf.ts';
import { randomStream } from '../../../../lib/random.ts';
import { changed, encoderBytes } from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';

const mean = [0.5, 0.5, 0.5] as [number, number, number];
const plain: EncoderOptions = { mean, std: mean };
const elsewhere: Partial<OnnxTensor> = { dataLocation: 1, externalData: [{ key: 'location', value: '../../etc/passwd' }] };

/** The ResNet with one more node before its first. */
function before(node: Partial<OnnxNode>, more: Partial<OnnxModel['graph']> = {}): Uint8Array {
  return changed('resnet', (model) => {
    const added = { name: 'added', opType: 'Identity', input: ['input0'], output: ['added_output'], attribute: [], ...node };
    const nodes = model.graph.node.map((each) => ({
      ...each,
      input: each.input.map((name) => (name === 'input0' ? 'added_output' : name)),
    }));
    return { ...model, graph: { ...model.graph, ...more, node: [added, ...nodes] } };
  });
}

function withWeight(name: string, change: Partial<OnnxTensor>): Uint8Array {
  return changed(name, (model) => {
    const [first, ...rest] = model.graph.initializer;
    return { ...model, graph: { ...model.graph, initializer: [{ ...first!, ...change }, ...rest] } };
  });
}

/** Images of any size into these nodes, which end in `y`. */
function graphOf(node: OnnxNode[], dims: (number | string)[], initializer: OnnxTensor[] = [], elemType = 1): Uint8Array {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  const graph = { name: 'g', node, initializer, valueInfo: [], output: [{ name: 'y' }] };
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    metadataProps: [],
    graph: { ...graph, input: [{ name: 'x', type: { tensorType: { elemType, shape: { dim } } } }] },
  });
}

function node(opType: string, input: string[], output: string, attribute: OnnxAttribute[] = []): OnnxNode {
  return { name: output, opType, input, output: [output], attribute };
}

function int64(name: string, ...values: number[]): OnnxTensor {
  return { name, dims: [values.length], dataType: 7, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

const branch = {
  name: 'b',
  node: [node('Constant', [], 'c', [{ name: 'value', type: 4, t: { name: '', dims: [1], dataType: 1, ...elsewhere } }])],
  initializer: [],
  input: [],
  output: [{ name: 'c' }],
  valueInfo: [],
};
const flat = [node('Flatten', ['x'], 'y', [{ name: 'axis', type: 2, i: 1 }])];

const cases: [about: string, code: string, bytes: Uint8Array, wishes?: EncoderOptions][] = [
  ['text', 'UNREADABLE', new TextEncoder().encode('a model, surely')],
  ['an empty file', 'UNREADABLE', new Uint8Array()],
  ['half of a file', 'UNREADABLE', encoderBytes('vit').subarray(0, 9_000)],
  ['weights in another file', 'EXTERNAL_DATA', withWeight('resnet', elsewhere), plain],
  [
    'a constant in another file',
    'EXTERNAL_DATA',
    before({ opType: 'Constant', input: ['input0'], attribute: branch.node[0]!.attribute }),
    plain,
  ],
  [
    'a constant in another file, inside a branch',
    'EXTERNAL_DATA',
    before({ opType: 'If', attribute: [{ name: 'then_branch', type: 5, g: branch }] }),
    plain,
  ],
  ['an operator of a custom domain', 'CUSTOM_OPERATOR', before({ domain: 'ai.onnx.contrib', opType: 'DecodeImage' }), plain],
  ["an operator of onnxruntime's own", 'CUSTOM_OPERATOR', before({ domain: 'com.microsoft', opType: 'QuickGelu' }), plain],
  [
    'an operator of a custom domain, inside a branch',
    'CUSTOM_OPERATOR',
    before({
      opType: 'If',
      attribute: [
        { name: 'then_branch', type: 5, g: { ...branch, node: [{ ...branch.node[0]!, domain: 'org.evil', attribute: [] }] } },
      ],
    }),
    plain,
  ],
  [
    'an operator that the file defines',
    'FUNCTION',
    changed('resnet', (model) => ({ ...model, functions: [{ domain: '', name: 'Relu' }] })),
    plain,
  ],
  ['a loop', 'LOOP', before({ opType: 'Loop' }), plain],
  ['random numbers', 'RANDOM', before({ opType: 'RandomNormalLike' }), plain],
  [
    'statistics of the batch',
    'TRAINING_MODE',
    changed('resnet', (model) => ({
      ...model,
      graph: {
        ...model.graph,
        node: model.graph.node.map((each) =>
          each.opType === 'BatchNormalization' ? { ...each, attribute: [{ name: 'training_mode', type: 2, i: 1 }] } : each,
        ),
      },
    })),
    plain,
  ],
  [
    'sparse weights',
    'SPARSE',
    changed('resnet', (model) => ({ ...model, graph: { ...model.graph, sparseInitializer: [{ dims: [4] }] } })),
    plain,
  ],
  ['operators of 2018', 'OPSET', changed('resnet', (model) => ({ ...model, opsetImport: [{ version: 8 }] })), plain],
  ['operators that do not exist', 'UNSUPPORTED', before({ opType: 'Imagine' }), plain],
  ['several outputs and none named', 'OUTPUT_MISSING', encoderBytes('vit'), plain],
  ['an output that is none', 'OUTPUT_UNKNOWN', encoderBytes('vit'), { ...plain, output: 'last_hiden_state' }],
  ['an output that needs text', 'INPUTS', encoderBytes('clip'), { ...plain, output: 'logits_per_image' }],
  ['an output that needs no image', 'INPUTS', graphOf([node('Identity', ['w'], 'y')], ['N', 3, 8, 8], [int64('w', 1)]), plain],
  ['images without channels', 'INPUT_SHAPE', graphOf(flat, ['N', 28, 28]), plain],
  ['images of whole numbers', 'INPUT_TYPE', graphOf(flat, ['N', 3, 8, 8], [], 7), plain],
  ['images in grey', 'CHANNELS', graphOf(flat, ['N', 1, 28, 28]), { ...plain, layout: 'NCHW' }],
  [
    'a layout that the graph does not have',
    'CHANNELS',
    encoderBytes('vit'),
    { ...plain, output: 'pooler_output', layout: 'NHWC' },
  ],
  ['a layout that nothing tells', 'LAYOUT_MISSING', graphOf(flat, ['N', 'a', 'b', 'c']), { ...plain, inputSize: 8 }],
  ['a size that nothing tells', 'INPUT_SIZE_MISSING', encoderBytes('clip'), { ...plain, output: 'image_embeds' }],
  ['another size than the graph has', 'INPUT_SIZE', encoderBytes('vit'), { ...plain, output: 'pooler_output', inputSize: 64 }],
  ['a side that is too long', 'INPUT_SIZE', graphOf(flat, ['N', 3, 8, 5000]), plain],
  ['a normalization that nothing tells', 'NORMALIZATION_MISSING', encoderBytes('resnet')],
  [
    'a pooling that nothing tells',
    'POOLING_MISSING',
    graphOf([node('Reshape', ['x', 's'], 'y')], ['N', 3, 8, 8], [int64('s', 0, 4, -1)]),
    plain,
  ],
  ['a pooling of a vector', 'POOLING', encoderBytes('resnet'), { ...plain, pooling: 'class-token' }],
  ['the class token of a map', 'POOLING', encoderBytes('map'), { ...plain, inputSize: 32, pooling: 'class-token' }],
  ['the map of tokens', 'POOLING', encoderBytes('siglip'), { ...plain, pooling: 'mean-map' }],
  [
    'an output without its batch',
    'FEATURES_SHAPE',
    graphOf([node('Reshape', ['x', 's'], 'y')], ['N', 3, 8, 8], [int64('s', -1)]),
    plain,
  ],
  [
    'an output of too many axes',
    'FEATURES_SHAPE',
    graphOf([node('Reshape', ['x', 's'], 'y')], ['N', 3, 8, 8], [int64('s', 0, 3, 4, 4, 4)]),
    plain,
  ],
  [
    'a size that the weights do not fit',
    'UNSUPPORTED',
    encoderBytes('clip'),
    { ...plain, output: 'image_embeds', inputSize: 48 },
  ],
  [
    'a graph that fails when it runs',
    'RUN_FAILED',
    graphOf([node('Gather', ['x', 'i'], 'y', [{ name: 'axis', type: 2, i: 3 }])], ['N', 3, 8, 8], [int64('i', 100)]),
    plain,
  ],
  [
    'a batch of four',
    'BATCH_FIXED',
    changed('fixed-batch', (model) => ({
      ...model,
      graph: {
        ...model.graph,
        input: model.graph.input.map(({ name, type }) => ({
          name,
          type: {
            tensorType: { ...type!.tensorType, shape: { dim: [{ dimValue: 4 }, ...type!.tensorType!.shape!.dim.slice(1)] } },
          },
        })),
      },
    })),
    plain,
  ],
  ['features that are no numbers', 'NOT_FINITE', encoderBytes('resnet'), { mean, std: [1e-38, 1e-38, 1e-38] }],
];

describe('what cannot be used is refused by name', () => {
  test.each(cases)('%s: OWN_MODEL_%s', async (_, code, bytes, wishes = {}) => {
    const refusal = await readEncoder(bytes, wishes).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataError);
    expect(refusal).toMatchObject({ code: `OWN_MODEL_${code}`, expected: expect.any(String), fix: expect.any(String) });
  });

  test('an output that is none: the message names the outputs and the one that was meant', async () => {
    const wishes = { ...plain, output: 'last_hiden_state' };
    await expect(readEncoder(encoderBytes('vit'), wishes)).rejects.toThrow(
      'last_hidden_state [batch_size, 17, 16], pooler_output [batch_size, 12], received last_hiden_state. Fix: did you ' +
        'mean last_hidden_state?',
    );
  });

  test("an operator of onnxruntime's own: the message says what wrote it", async () => {
    await expect(readEncoder(before({ domain: 'com.microsoft', opType: 'QuickGelu' }), plain)).rejects.toMatchObject({
      expected: 'operators of ai.onnx, ai.onnx.ml',
      received: 'com.microsoft.QuickGelu',
      fix: expect.stringContaining("without ONNX Runtime's graph optimizations"),
    });
  });

  test('a file over the limit, before it is read', async () => {
    const { store, directory } = testWorld();
    const path = join(directory, 'large.onnx');
    await writeFile(path, '');
    await truncate(path, 1.5 * 2 ** 30 + 1);
    await expect(importOwnModel(path, store, plain)).rejects.toMatchObject({ code: 'OWN_MODEL_TOO_LARGE' });
    expect((await store.list('')).objects).toEqual([]);
  });
});

test('a damaged file is refused or read, and never brings the process down', async () => {
  const { integer } = randomStream(1, 'damage');
  const whole = encoderBytes('resnet');
  let refused = 0;
  for (let round = 0; round < 40; round++) {
    const bytes = Uint8Array.from(whole);
    for (let count = 0; count < 3; count++) bytes[integer(bytes.length)] = integer(256);
    const outcome = await readEncoder(bytes, plain).catch((error: unknown) => error);
    if (!(outcome instanceof Error)) continue;
    expect(outcome).toBeInstanceOf(GraftError);
    refused++;
  }
  expect(refused).toBeGreaterThan(0);
});
