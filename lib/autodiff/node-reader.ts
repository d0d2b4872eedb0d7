import { GraftError } from '../errors.ts';
import { elementType, type OnnxAttribute, type OnnxNode, type OnnxTensor } from '../onnx/onnx-model.ts';

/** Reads a node's attributes and its constant inputs. */
export class NodeReader {
  readonly node: OnnxNode;
  readonly #constants: ReadonlyMap<string, OnnxTensor>;

  constructor(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>) {
    this.node = node;
    this.#constants = constants;
  }

  /** The name of input `i`; empty if it is omitted. */
  input(i: number): string {
    return this.node.input[i] ?? '';
  }

  /** The name of the first output. */
  get output(): string {
    return this.node.output[0] ?? '';
  }

  int(name: string, fallback: number): number {
    return this.#attribute(name)?.i ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.#attribute(name)?.f ?? fallback;
  }

  ints(name: string, fallback: readonly number[]): readonly number[] {
    return this.#attribute(name)?.ints ?? fallback;
  }

  text(name: string, fallback: string): string {
    const bytes = this.#attribute(name)?.s;
    return bytes === undefined ? fallback : new TextDecoder().decode(bytes);
  }

  /** Returns the values of an integer input, such as axes. @returns undefined if it is omitted */
  integers(i: number): readonly number[] | undefined {
    const name = this.input(i);
    if (name === '') return undefined;
    const { rawData, dataType } = this.#constants.get(name) ?? {};
    if (rawData !== undefined && dataType === elementType.int32) return [...new Int32Array(new Uint8Array(rawData).buffer)];
    if (rawData !== undefined && dataType === elementType.int64) {
      return Array.from(new BigInt64Array(new Uint8Array(rawData).buffer), Number);
    }
    throw this.unsupported({ expected: `constant integers as input ${i}`, received: name });
  }

  /** Returns the value of a float32 scalar input. @returns undefined if it is omitted */
  scalar(i: number): number | undefined {
    const name = this.input(i);
    if (name === '') return undefined;
    const { rawData, dataType } = this.#constants.get(name) ?? {};
    if (dataType !== elementType.float32 || rawData?.byteLength !== 4) {
      throw this.unsupported({ expected: `a constant float32 scalar as input ${i}`, received: name });
    }
    return new Float32Array(new Uint8Array(rawData).buffer)[0];
  }

  /** Creates the error for a node that cannot be differentiated. */
  unsupported(what: { readonly expected: string; readonly received?: unknown }): GraftError {
    const { opType, name, output } = this.node;
    return new GraftError('ONNX_GRADIENT_UNSUPPORTED', {
      at: `node ${name || output[0]} (${opType})`,
      ...what,
      fix: 'leave GRAFT_ENGINE unset: then TensorFlow trains this network',
    });
  }

  #attribute(name: string): OnnxAttribute | undefined {
    return this.node.attribute.find((attribute) => attribute.name === name);
  }
}
