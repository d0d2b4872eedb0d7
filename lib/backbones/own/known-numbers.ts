/** Computes what a graph computes of shapes, where the size of the batch is not known. */

import type { Dims } from '../../autodiff/infer-shapes.ts';
import { elementType, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';
import { intOf } from '../../onnx/read-attribute.ts';
import { ownEntry } from '../../own-entry.ts';

/** A scalar or a short vector. */
export interface KnownNumbers {
  /** Null depends on the size of the batch. */
  readonly values: readonly (number | null)[];
  readonly dims: readonly number[];
  /** A TensorProto.DataType. */
  readonly type: number;
}

/** More elements are weights, not shapes. */
const MOST_ELEMENTS = 64;

type Read = (name: string) => KnownNumbers | undefined;

/** Reads a small constant of int64, int32 or float32. */
export function numbersOf({ dims, dataType, rawData }: OnnxTensor): KnownNumbers | undefined {
  const most = MOST_ELEMENTS * 8;
  if (rawData === undefined || dims.length > 1 || rawData.byteLength > most) return undefined;
  const { buffer } = new Uint8Array(rawData);
  if (dataType === elementType.int64) return { dims, type: dataType, values: Array.from(new BigInt64Array(buffer), Number) };
  if (dataType === elementType.int32) return { dims, type: dataType, values: [...new Int32Array(buffer)] };
  if (dataType === elementType.float32) return { dims, type: dataType, values: [...new Float32Array(buffer)] };
  return undefined;
}

/** Writes numbers as a constant. @returns undefined if one depends on the batch */
export function tensorOf(name: string, { values, dims, type }: KnownNumbers): OnnxTensor | undefined {
  const all = values.filter((value) => value !== null);
  if (all.length < values.length) return undefined;
  const elements = arrayOf(type, all);
  return elements && { name, dims, dataType: type, rawData: new Uint8Array(elements.buffer) };
}

function arrayOf(type: number, values: readonly number[]): BigInt64Array | Int32Array | Float32Array | undefined {
  if (type === elementType.int64) return BigInt64Array.from(values, BigInt);
  if (type === elementType.int32) return Int32Array.from(values);
  return type === elementType.float32 ? Float32Array.from(values) : undefined;
}

/**
 * Computes the numbers of a node's output.
 * @param numbers of an input
 * @param dims of an input
 * @returns undefined if they depend on more than shapes, or if it is not known how
 */
export function computeNumbers(
  node: OnnxNode,
  numbers: Read,
  dims: (name: string) => Dims | undefined,
): KnownNumbers | undefined {
  const [first = ''] = node.input;
  if (node.opType === 'Shape') {
    const sizes = dims(first);
    const [start, end] = [intOf(node, 'start') ?? 0, intOf(node, 'end')];
    return sizes && vector(sizes.slice(start, end));
  }
  const inputs = node.input.map(numbers);
  const known = inputs.filter((input) => input !== undefined);
  return known.length < inputs.length ? undefined : ownEntry(rules, node.opType)?.(known, node);
}

type Rule = (inputs: readonly KnownNumbers[], node: OnnxNode) => KnownNumbers | undefined;

const rules: Readonly<Record<string, Rule>> = {
  Identity: ([x]) => x,
  Cast: ([x], node) => {
    const type = intOf(node, 'to') ?? elementType.float32;
    const whole = type === elementType.int64 || type === elementType.int32;
    return x && { ...x, type, values: x.values.map((value) => (value === null || !whole ? value : Math.trunc(value))) };
  },
  Gather: ([x, index]) =>
    x && index && { ...x, dims: index.dims, values: index.values.map((at) => x.values.at(at ?? 0) ?? null) },
  Slice: ([x, starts, ends, , steps]) => {
    const [start, end, step = 1] = [starts?.values[0], ends?.values[0], steps?.values[0] ?? 1];
    if (x === undefined || typeof start !== 'number' || typeof end !== 'number' || step !== 1) return undefined;
    return vector(x.values.slice(start, end), x.type);
  },
  Concat: (inputs) =>
    vector(
      inputs.flatMap(({ values }) => values),
      inputs[0]?.type,
    ),
  Squeeze: ([x]) => x && { ...x, dims: [] },
  Unsqueeze: ([x]) => (x?.dims.length === 0 ? { ...x, dims: [1] } : undefined),
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Sqrt: ([x]) => x && { ...x, values: x.values.map((value) => (value === null ? null : Math.fround(Math.sqrt(value)))) },
};

function elementwise(compute: (a: number, b: number, whole: boolean) => number): Rule {
  return ([a, b]) => {
    if (a === undefined || b === undefined) return undefined;
    const longer = a.values.length < b.values.length || a.dims.length < b.dims.length ? b : a;
    const whole = a.type !== elementType.float32;
    const at = ({ values }: KnownNumbers, i: number): number | null => values[values.length === 1 ? 0 : i] ?? null;
    const values = longer.values.map((_, i) => {
      const [left, right] = [at(a, i), at(b, i)];
      if (left === null || right === null) return null;
      const result = compute(left, right, whole);
      return whole ? result : Math.fround(result);
    });
    return { ...longer, values };
  };
}

function vector(values: readonly (number | null)[], type: number = elementType.int64): KnownNumbers {
  return { values, dims: [values.length], type };
}
