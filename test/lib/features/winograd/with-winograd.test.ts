import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { withWinograd } from '../../../../lib/features/winograd/with-winograd.ts';
import { type AttributeValue, writeAttribute } from '../../../../lib/onnx/attribute.ts';
import { exportOnnx } from '../../../../lib/onnx/export-onnx.ts';
import { attributeType, type OnnxModel, type OnnxNode } from '../../../../lib/onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import { mulberry32 } from '../../../../lib/random.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';
import { apply } from '../../onnx/same-as-tensorflow.ts';

useTensorFlow();

const { layers } = tfl;
type Network = (x: tfl.SymbolicTensor) => tfl.SymbolicTensor;

const conv3x3 = (filters: number, args: Partial<Parameters<typeof layers.conv2d>[0]> = {}) =>
  layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu', biasInitializer: 'glorotUniform', ...args });
const pool = () => layers.maxPooling2d({});
const stack =
  (...all: readonly (tfl.layers.Layer | Network)[]): Network =>
  (x) =>
    all.reduce((value, each) => (typeof each === 'function' ? each(value) : apply(each, value)), x);

const three = (args: Parameters<typeof conv3x3>[1] = {}): Network =>
  stack(conv3x3(256, args), conv3x3(256, args), conv3x3(256, args));

const pooled = (): Network => stack(conv3x3(256), pool(), conv3x3(256), pool(), conv3x3(256));

/** Exports a network on maps of 128 channels, or of another number. */
function exported([height, width]: readonly [number | null, number], network: Network, channels = 128): Uint8Array {
  const inputs = tfl.input({ shape: [height, width, channels] });
  return exportOnnx(tfl.model({ inputs, outputs: network(inputs) }));
}

async function run(onnx: Uint8Array, maps: Float32Array, dims: readonly number[]): Promise<Float32Array> {
  const session = await openSession(onnx, { threads: 2 });
  const { data } = await session.run(maps, dims);
  await session.close();
  return data;
}

function drawMaps(dims: readonly number[]): Float32Array {
  const random = mulberry32(7);
  return Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => random() - 0.5);
}

function operators(onnx: Uint8Array): string[] {
  return decodeModel(onnx).graph.node.map(({ opType }) => opType);
}

const changedModel = (onnx: Uint8Array, change: (model: OnnxModel) => Partial<OnnxModel>): Uint8Array => {
  const model = decodeModel(onnx);
  return encodeModel({ ...model, ...change(model) });
};

const changedNodes = (onnx: Uint8Array, change: (node: OnnxNode) => OnnxNode): Uint8Array =>
  changedModel(onnx, ({ graph }) => ({ graph: { ...graph, node: graph.node.map(change) } }));

/** Changes the attributes of all nodes of an operator. */
const withAttributes = (onnx: Uint8Array, opType: string, attributes: Readonly<Record<string, AttributeValue>>) =>
  changedNodes(onnx, (node) => {
    if (node.opType !== opType) return node;
    const names = new Set(Object.keys(attributes));
    const kept = node.attribute.filter(({ name }) => !names.has(name));
    return { ...node, attribute: [...kept, ...Object.entries(attributes).map(([name, value]) => writeAttribute(name, value))] };
  });

describe('a graph with chains of large convolutions', () => {
  const cases: { what: string; size: readonly [number, number]; network: () => Network; left?: number }[] = [
    { what: 'whole tiles', size: [8, 8], network: three },
    { what: 'maps that tiles do not divide', size: [7, 9], network: three },
    { what: 'maps smaller than a tile', size: [3, 2], network: three },
    {
      what: 'pools between and after',
      size: [24, 16],
      network: () => stack(conv3x3(256), pool(), conv3x3(256), pool(), conv3x3(256), pool()),
    },
    { what: 'pools of odd maps', size: [7, 9], network: () => stack(three(), pool()) },
    { what: 'neither bias nor activation', size: [8, 8], network: () => three({ useBias: false, activation: 'linear' }) },
    {
      what: 'other layers before and after',
      size: [16, 16],
      network: () => stack(pool(), three(), layers.globalAveragePooling2d({})),
    },
    {
      what: 'two chains',
      size: [8, 8],
      network: () => stack(three(), conv3x3(128, { kernelSize: 1 }), three()),
      left: 1,
    },
    {
      what: 'a map that another layer uses, too',
      size: [8, 8],
      network: () => (x) => {
        const middle = three()(x);
        const sum = layers.add().apply([middle, three()(middle)]);
        if (sum instanceof tfl.SymbolicTensor) return sum;
        throw new TypeError('no sum');
      },
    },
  ];

  it.each(cases)('computes the same to five digits: $what', async ({ size, network, left = 0 }) => {
    const direct = exported(size, network());
    const rewritten = withWinograd(direct);
    expect(operators(direct).filter((each) => each === 'Conv').length).toBeGreaterThan(2);
    expect(operators(rewritten).filter((each) => each === 'Conv').length).toBe(left);
    const dims = [3, ...size, 128];
    const maps = drawMaps(dims);
    const expected = await run(direct, maps, dims);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const actual = await run(rewritten, maps, dims);
    expect(actual.length).toBe(expected.length);
    const furthest = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? 0))), 0);
    expect(furthest / largest).toBeLessThan(2e-5);
  });

  it.each([2, 4, 8])('gives the same bits for an image alone and in a batch, on maps of %i pixels a side', async (side) => {
    const rewritten = withWinograd(exported([side, side], three()));
    const dims = [9, side, side, 128];
    const maps = drawMaps(dims);
    const together = await run(rewritten, maps, dims);
    const [input, output] = [maps.length / 9, together.length / 9];
    for (const image of [0, 8]) {
      const alone = await run(rewritten, maps.slice(image * input, (image + 1) * input), [1, side, side, 128]);
      expect(alone).toEqual(together.slice(image * output, (image + 1) * output));
    }
  });
});

describe('a graph without such a chain stays as it is', () => {
  const networks: { what: string; network: () => Network; channels?: number; size?: readonly [number, number] }[] = [
    { what: 'two convolutions', network: () => stack(conv3x3(256), conv3x3(256)) },
    { what: 'few outputs', network: () => stack(conv3x3(128), conv3x3(128), conv3x3(128)) },
    { what: 'few inputs', network: () => stack(conv3x3(256), conv3x3(256), conv3x3(64)), channels: 64 },
    { what: 'strides', network: () => three({ strides: 2 }) },
    { what: 'no padding', network: () => three({ padding: 'valid' }) },
    { what: 'dilations', network: () => three({ dilationRate: 2 }) },
    { what: 'kernels of 1 x 1', network: () => three({ kernelSize: 1 }) },
    { what: 'another activation', network: () => three({ activation: 'tanh' }) },
    { what: 'maps of one position', network: three, size: [1, 1] },
    { what: 'maps that take much memory', network: three, size: [200, 200] },
    { what: 'more kernels than the limit', network: () => stack(conv3x3(1500), conv3x3(1500), conv3x3(1500)) },
  ];

  it.each(networks)('$what', ({ network, channels, size = [8, 8] }) => {
    const direct = exported(size, network(), channels);
    expect(withWinograd(direct)).toBe(direct);
  });

  const graphs: { what: string; graph: () => Uint8Array }[] = [
    { what: 'a height that is known at run time', graph: () => exported([null, 8], three()) },
    { what: 'groups', graph: () => withAttributes(exported([8, 8], three()), 'Conv', { group: 2 }) },
    { what: 'automatic pads', graph: () => withAttributes(exported([8, 8], three()), 'Conv', { auto_pad: 'SAME_UPPER' }) },
    {
      what: 'pools between that round up',
      graph: () => withAttributes(exported([15, 15], pooled()), 'MaxPool', { ceil_mode: 1 }),
    },
    {
      what: 'pools between with automatic pads',
      graph: () => withAttributes(exported([15, 15], pooled()), 'MaxPool', { auto_pad: 'SAME_UPPER' }),
    },
    {
      what: 'pools between of other sizes',
      graph: () => withAttributes(exported([15, 15], pooled()), 'MaxPool', { strides: [1, 1] }),
    },
    {
      what: 'an operator before it whose shape is not known',
      graph: () =>
        changedNodes(exported([8, 8], stack(layers.activation({ activation: 'tanh' }), three())), (node) =>
          node.opType === 'Tanh' ? { ...node, opType: 'Einsum' } : node,
        ),
    },
    {
      what: 'a node with a subgraph',
      graph: () =>
        changedModel(exported([8, 8], three()), ({ graph }) => {
          const body = { ...graph, node: [], initializer: [], input: [], output: [] };
          const attribute = [{ name: 'body', type: attributeType.graph, g: body }];
          return {
            graph: { ...graph, node: [...graph.node, { name: 'if', opType: 'If', input: [], output: ['x'], attribute }] },
          };
        }),
    },
    {
      what: 'a bias that is computed',
      graph: () =>
        changedNodes(exported([8, 8], three()), (node) =>
          node.opType === 'Conv' ? { ...node, input: [...node.input.slice(0, 2), node.input[0] ?? ''] } : node,
        ),
    },
    {
      what: 'an opset without the operators that it needs',
      graph: () => changedModel(exported([8, 8], three()), () => ({ opsetImport: [{ domain: '', version: 10 }] })),
    },
  ];

  it.each(graphs)('$what', ({ graph }) => {
    const given = graph();
    expect(withWinograd(given)).toBe(given);
  });
});

it('a pool after the last convolution that rounds up is not part of the chain', () => {
  const graph = withAttributes(exported([7, 9], stack(three(), pool())), 'MaxPool', { auto_pad: 'SAME_UPPER' });
  const rewritten = operators(withWinograd(graph));
  expect(rewritten).not.toContain('Conv');
  expect(rewritten).toContain('MaxPool');
});
