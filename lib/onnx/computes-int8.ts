import { decodeModel } from './protobuf.ts';

/** Operators that turn values into integers: each value with int8 layers after it goes through one of them. */
const QUANTIZERS: ReadonlySet<string> = new Set(['QuantizeLinear', 'DynamicQuantizeLinear']);

/**
 * Tells whether layers of a model compute in int8, whoever quantized them: Graft, or the author of an imported model.
 * @throws DataError ONNX_UNREADABLE
 */
export function computesInt8(onnx: Uint8Array): boolean {
  return decodeModel(onnx).graph.node.some(({ opType }) => QUANTIZERS.has(opType));
}
