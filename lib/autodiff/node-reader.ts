import { GraftError } from '../errors.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../onnx/onnx-model.ts';

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

  /** Returns the values of an int64 input, such as axes. @returns undefined if it is omitted */
  integers(i: number): readonly number[] | undefined {
    const name = this.input(i);
    if (name === '') return undefined;
    const bytes = this.#constants.get(name)?.rawData;
    if (bytes === undefined) throw this.unsupported({ expected: `a constant as input ${i}`, received: name });
    return Array.from(new BigInt64Array(new Uint8Array(bytes).buffer), Number);
  }

  /** Returns the value of a scalar input. @returns undefined if it is omitted */
  scalar(i: number): number | undefined {
    const name = this.input(i);
    if (name === '') return undefined;
    const bytes = this.#constants.get(name)?.rawData;
    if (bytes?.byteLength !== 4) throw this.unsupported({ expected: `a constant scalar as input ${i}`, received: name });
    return new Float32Array(new Uint8Array(bytes).buffer)[0];
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
