import { expect, test } from 'vitest';
import type { OnnxNode } from '../../../lib/onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { prepareGraph } from '../../../lib/quantization/prepare-graph.ts';
import { ownResnet, photographs, unnamed } from '../../support/weights/own-models.ts';

/** Gives a convolution of 8 filters a bias that is the output of a node. */
function withComputedBias(node: OnnxNode): OnnxNode[] {
  if (node.opType !== 'Conv') return [node];
  const bias = `${node.output[0]}/identity`;
  const [maps = '', kernel = ''] = node.input;
  const identity = { name: bias, opType: 'Identity', input: ['layer1.conv1.variance'], output: [bias], attribute: [] };
  return [identity, { ...node, input: [maps, kernel, bias] }];
}

test.each([
  ['as exporters write it', { normalizations: 0 }],
  ['whose nodes have no names', { change: unnamed, normalizations: 0 }],
  // Without the values of the bias, nothing can be folded.
  ['whose biases are computed', { change: withComputedBias, normalizations: 3 }],
])('a graph %s computes the same after its convolutions absorb what follows', async (_, { normalizations, ...options }) => {
  const { onnx, size } = await ownResnet(options);
  const pixels = photographs(4, size);
  const run = async (bytes: Uint8Array) => {
    const session = await openSession(bytes, { optimization: 'disabled', threads: 1 });
    const { data } = await session.run(pixels, [4, ...size, 3]);
    await session.close();
    return [...data];
  };
  const prepared = prepareGraph(decodeModel(onnx));
  expect(prepared.graph.node.filter(({ opType }) => opType === 'BatchNormalization')).toHaveLength(normalizations);
  const [before, after] = [await run(onnx), await run(encodeModel(prepared))];
  const difference = Math.max(...before.map((value, i) => Math.abs(value - (after[i] ?? Number.NaN))));
  expect(difference).toBeLessThan(1e-5 * Math.max(...before.map(Math.abs)));
});
