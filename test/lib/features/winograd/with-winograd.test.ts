import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { withWinograd } from '../../../../lib/features/winograd/with-winograd.ts';
import { exportOnnx } from '../../../../lib/onnx/export-onnx.ts';
import type { OnnxModel, OnnxNode } from '../../../../lib/onnx/onnx-model.ts';
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
  (...all: readonly tfl.layers.Layer[]): Network =>
  (x) =>
    all.reduce((value, layer) => apply(layer, value), x);

/** Exports a network on maps of 128 channels. */
function exported([height, width]: readonly [number, number], network: Network): Uint8Array {
  const inputs = tfl.input({ shape: [height, width, 128] });
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

const changed = (onnx: Uint8Array, change: (node: OnnxNode) => OnnxNode): Uint8Array => {
  const model: OnnxModel = decodeModel(onnx);
  return encodeModel({ ...model, graph: { ...model.graph, node: model.graph.node.map(change) } });
};

describe('a graph with runs of large convolutions', () => {
  const cases: { what: string; size: readonly [number, number]; network: () => Network }[] = [
    { what: 'whole tiles', size: [8, 8], network: () => stack(conv3x3(256), conv3x3(256)) },
    { what: 'maps that tiles do not divide', size: [7, 9], network: () => stack(conv3x3(256), conv3x3(256)) },
    { what: 'maps smaller than a tile', size: [3, 2], network: () => stack(conv3x3(256), conv3x3(256)) },
    { what: 'pools between and after', size: [12, 8], network: () => stack(conv3x3(256), pool(), conv3x3(256), pool()) },
    { what: 'pools of odd maps', size: [7, 9], network: () => stack(conv3x3(256), conv3x3(256), pool()) },
    {
      what: 'neither bias nor activation',
      size: [8, 8],
      network: () => stack(conv3x3(256, { useBias: false, activation: 'linear' }), conv3x3(256, { useBias: false })),
    },
    {
      what: 'other layers before and after',
      size: [8, 8],
      network: () => stack(pool(), conv3x3(256), conv3x3(256), layers.globalAveragePooling2d({})),
    },
    {
      what: 'two runs',
      size: [8, 8],
      network: () => stack(conv3x3(256), conv3x3(256), conv3x3(128, { kernelSize: 1 }), conv3x3(256), conv3x3(256)),
    },
    {
      what: 'a map that another layer uses, too',
      size: [8, 8],
      network: () => (x) => {
        const middle = stack(conv3x3(256), conv3x3(256))(x);
        const sum = layers.add().apply([middle, stack(conv3x3(256), conv3x3(256))(middle)]);
        if (sum instanceof tfl.SymbolicTensor) return sum;
        throw new TypeError('no sum');
      },
    },
  ];

  it.each(cases)('computes the same to five digits: $what', async ({ size, network }) => {
    const direct = exported(size, network());
    const rewritten = withWinograd(direct);
    expect(operators(direct).filter((each) => each === 'Conv').length).toBeGreaterThan(1);
    expect(operators(rewritten).filter((each) => each === 'Conv').length).toBeLessThan(2);
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
    const rewritten = withWinograd(exported([side, side], stack(conv3x3(256), conv3x3(256))));
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

describe('a graph without such a run stays as it is', () => {
  const cases: { what: string; network: () => Network }[] = [
    { what: 'a single convolution', network: () => stack(conv3x3(256)) },
    { what: 'few outputs', network: () => stack(conv3x3(128), conv3x3(128), conv3x3(128)) },
    { what: 'strides', network: () => stack(conv3x3(256, { strides: 2 }), conv3x3(256, { strides: 2 })) },
    { what: 'no padding', network: () => stack(conv3x3(256, { padding: 'valid' }), conv3x3(256, { padding: 'valid' })) },
    { what: 'gaps', network: () => stack(conv3x3(256, { dilationRate: 2 }), conv3x3(256, { dilationRate: 2 })) },
    { what: 'kernels of 1 x 1', network: () => stack(conv3x3(256, { kernelSize: 1 }), conv3x3(256, { kernelSize: 1 })) },
    { what: 'another activation', network: () => stack(conv3x3(256, { activation: 'tanh' }), conv3x3(256)) },
  ];

  it.each(cases)('$what', ({ network }) => {
    const direct = exported([8, 8], network());
    expect(withWinograd(direct)).toBe(direct);
  });

  it('an operator before it whose shape is not known', () => {
    const direct = exported([8, 8], stack(layers.activation({ activation: 'tanh' }), conv3x3(256), conv3x3(256)));
    const unknown = changed(direct, (node) => (node.opType === 'Tanh' ? { ...node, opType: 'Einsum' } : node));
    expect(withWinograd(unknown)).toBe(unknown);
  });

  it('an opset without the operators that it needs', () => {
    const direct = exported([8, 8], stack(conv3x3(256), conv3x3(256)));
    const old = encodeModel({ ...decodeModel(direct), opsetImport: [{ domain: '', version: 12 }] });
    expect(withWinograd(old)).toBe(old);
  });
});
