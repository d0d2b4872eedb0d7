/**
 * Hashes of 32 bytes, given and returned as 64 hexadecimal digits and stored as bytes: a third of the memory of
 * strings.
 */
export interface HexColumn {
  readonly length: number;
  push(hex: string): void;
  at(row: number): string;
  /** Below 0 if row `a` sorts before row `b`. */
  compare(a: number, b: number): number;
  /** Frees memory that is reserved for more hashes. */
  trim(): void;
  /** Frees all memory now, which the garbage collector would do much later. The column cannot be used afterwards. */
  release(): void;
}

const WIDTH = 32;

/** @param hashes the expected number, if known */
export function hexColumn(hashes = 64): HexColumn {
  let data = Buffer.from(new ArrayBuffer(WIDTH * hashes));
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(hex) {
      if ((length + 1) * WIDTH > data.length) data = Buffer.from(data.buffer.transfer(WIDTH * Math.ceil(length * 1.5)));
      data.write(hex, length++ * WIDTH, WIDTH, 'hex');
    },
    at: (row) => data.toString('hex', row * WIDTH, (row + 1) * WIDTH),
    trim() {
      data = Buffer.from(data.buffer.transfer(length * WIDTH));
    },
    release() {
      data = Buffer.from(data.buffer.transfer(0));
      length = 0;
    },
    compare: (a, b) => data.compare(data, b * WIDTH, (b + 1) * WIDTH, a * WIDTH, (a + 1) * WIDTH),
  };
}
