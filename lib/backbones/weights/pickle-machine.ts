import type { PickleNode, PickleValue } from './pickle-value.ts';
import { isKind, pickleDamaged } from './pickle-value.ts';

const MOST_TEXT_BYTES = 10_000;

/** The read position in a pickle, and the stack and the memo of its opcodes. */
export class PickleMachine {
  at: number;
  readonly memo = new Map<number, PickleValue>();
  readonly names: ReadonlySet<string>;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: PickleValue[] = [];
  /** Positions of the open marks in the stack. */
  readonly #marks: number[] = [];

  constructor(bytes: Uint8Array, start: number, names: ReadonlySet<string>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.names = names;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Reads an integer in two's complement, little-endian. @param length in bytes */
  bigint(length: number): bigint {
    const from = this.#take(length);
    const digits = Buffer.from(this.#bytes.subarray(from, from + length).toReversed()).toString('hex');
    return digits === '' ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
  }

  text(length: number): string {
    if (length > MOST_TEXT_BYTES) throw pickleDamaged(this.at, `a text of at most ${MOST_TEXT_BYTES} bytes`, `${length} bytes`);
    const from = this.#take(length);
    return Buffer.from(this.#bytes.subarray(from, from + length)).toString('utf8');
  }

  line(): string {
    const end = this.#bytes.subarray(this.at, this.at + MOST_TEXT_BYTES).indexOf(0x0a);
    if (end < 0) throw pickleDamaged(this.at, 'a line', 'no end of it');
    const line = this.text(end);
    this.#take(1);
    return line;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.pop() : undefined;
    if (value === undefined) throw pickleDamaged(this.at, 'a value', 'none');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw pickleDamaged(this.at, 'a mark', 'none');
    return this.#stack.splice(mark);
  }

  popNode<K extends PickleNode['kind']>(kind: K): Extract<PickleNode, { kind: K }> {
    const value = this.pop();
    if (isKind(value, kind)) return value;
    throw pickleDamaged(this.at, `a ${kind}`, typeof value === 'object' ? value?.kind : typeof value);
  }

  #take(length: number): number {
    const from = this.at;
    if (from + length > this.#bytes.length) throw pickleDamaged(from, `${length} bytes`, `${this.#bytes.length - from}`);
    this.at += length;
    return from;
  }
}
