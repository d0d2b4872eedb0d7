import { messageOf } from '../contracts/errors/message-of.ts';
import { RuntimeError } from '../errors.ts';
import { graftModel } from './graft-model.ts';
import { GraphBuilder } from './graph-builder.ts';
import { loadOnnx } from './load-onnx.ts';
import type { OnnxDevice } from './onnx-session.ts';
import { encodeModel } from './protobuf.ts';
import { valueInfo } from './value-info.ts';

/** Checks that a device computes, before a job begins. @throws RuntimeError WEBGPU_NOT_FOUND */
export async function checkDevice(device: OnnxDevice): Promise<void> {
  if (device === 'cpu') return;
  try {
    const model = await loadOnnx(smallest(), { device });
    await model.run(Float32Array.of(1), [1]);
    await model.release();
  } catch (cause) {
    throw new RuntimeError('WEBGPU_NOT_FOUND', {
      at: 'GRAFT_DEVICE',
      expected: 'a GPU with a driver for Vulkan, Metal or Direct3D 12',
      received: messageOf(cause),
      fix: 'install the driver, or leave GRAFT_DEVICE unset to compute on the CPU',
      cause,
    });
  }
}

/** A graph of one operator, to run anything at all. */
function smallest(): Uint8Array {
  const graph = new GraphBuilder();
  const { info } = graph.input('x', [1]);
  const output = graph.add('Neg', ['x']);
  const { node, initializer } = graph.written;
  const graphOfOne = { name: 'smallest', node, initializer, input: [info], output: [valueInfo(output, [1])], valueInfo: [] };
  return encodeModel(graftModel(graphOfOne));
}
